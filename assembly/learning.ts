/** A pack's gradients: from the counts of a group and the policy it was drawn from, and the step along them. */
import { LOW_HALF } from './halves';
import {
  above,
  add,
  and,
  choose,
  equal,
  get,
  greater,
  isAny,
  LANES,
  minus,
  or,
  over,
  plus,
  put,
  real,
  root,
  shiftRight,
  smallToReal,
  subtract,
  times,
  WIDTH,
  word,
} from './lanes';
import { Training } from './pack';
import { entropyOf, writeRow } from './policy';

/** Whether a token is among the N likeliest of the row in hand; of equally likely ones the first. All ones, or 0. */
// @ts-ignore: decorator
@inline
function isTop<R, W>(p: Training, token: u32): W {
  const policy = get<R>(p.policies + token * WIDTH);
  let rank = word<W>(0);
  for (let v: u32 = 0; v < p.vocab; v++) {
    const other = get<R>(p.policies + v * WIDTH);
    let isBefore = greater<R, W>(other, policy);
    if (v < token) {
      const isLess = greater<R, W>(policy, other);
      isBefore = subtract<W>(word<W>(0xffffffff), isLess);
    }
    rank = subtract<W>(rank, isBefore);
  }
  return above<W>(word<W>(p.topCount), rank);
}

/** The gradient of the group that was drawn, and the step along it, or its part of the step of shared parameters. */
// @ts-ignore: decorator
@inline
export function learn<R, W>(
  p: Training,
  prompt: u32,
  correct: usize,
  theta: usize,
  means: usize,
  squares: usize,
  rates: usize,
): void {
  const vocab = p.vocab;
  const rowCount = p.rowCount;
  const hasBonus = p.bonusPerVisit != 0;
  const isSimko = p.isSimko != 0;
  const isAdam = p.isAdam != 0;
  const isShared = p.isShared != 0;
  const low = word<W>(LOW_HALF);
  const counts = p.counts;
  const policies = p.policies;
  const logs = p.logs;
  const scale = real<R>(p.scale);
  const firstBlend = load<u32>(p.blendStarts + (prompt << 2));
  const endBlend = load<u32>(p.blendStarts + (prompt << 2), 4);
  const ownParam = load<u32>(p.blendParams + (firstBlend << 2));
  // The weights of each lane's c, where lanes can be read at once.
  const weights = memory.data(32, 16);
  for (let lane: u32 = 0; lane < LANES; lane++) {
    const own = p.weights + (load<u32>(correct + (lane << 2)) << 3);
    store<f32>(weights + (lane << 2), load<f32>(own));
    store<f32>(weights + (lane << 2), load<f32>(own, 4), WIDTH);
  }
  const w1 = get<R>(weights);
  const w0 = get<R>(weights + WIDTH);
  const c = get<W>(correct);
  const allCorrect = smallToReal<W, R>(c);
  const allWrong = smallToReal<W, R>(subtract<W>(word<W>(p.groupSize), c));
  for (let row: u32 = 0; row < rowCount; row++) {
    const first = row * vocab;
    let rowCorrect = allCorrect;
    let rowWrong = allWrong;
    if (p.hasContext != 0) {
      let visits = word<W>(0);
      for (let v: u32 = 0; v < vocab; v++) visits = add<W>(visits, get<W>(counts + (first + v) * WIDTH));
      // Where no replica was here nothing is learned; Adam's averages fade all the same.
      if (!isAdam && !isAny<W>(visits)) continue;
      rowCorrect = smallToReal<W, R>(and<W>(visits, low));
      rowWrong = smallToReal<W, R>(shiftRight<W>(visits, 16));
    }
    writeRow<R, W>(p, row, hasBonus);
    let rowWeight = plus<R>(times<R>(w1, rowCorrect), times<R>(w0, rowWrong));
    let penalty = real<R>(0);
    let topShare = real<R>(0);
    const likeliest = get<W>(p.likeliest + row * WIDTH);
    if (isSimko) {
      let wrongForks = word<W>(0);
      let correctForks = word<W>(0);
      for (let v: u32 = 0; v < vocab; v++) {
        const forks = get<W>(p.forks + (first + v) * WIDTH);
        const isLikeliest = equal<W>(likeliest, word<W>(v));
        wrongForks = or<W>(wrongForks, and<W>(isLikeliest, shiftRight<W>(forks, 16)));
        correctForks = add<W>(correctForks, and<W>(forks, low));
      }
      penalty = times<R>(times<R>(w0, real<R>(p.penalty - 1)), smallToReal<W, R>(wrongForks));
      rowWeight = plus<R>(rowWeight, penalty);
      const part = times<R>(w1, real<R>(p.share / f32(p.topCount)));
      topShare = times<R>(part, smallToReal<W, R>(correctForks));
    }
    let bonus = real<R>(0);
    let entropy = real<R>(0);
    if (hasBonus) {
      bonus = times<R>(real<R>(p.bonusPerVisit), plus<R>(rowCorrect, rowWrong));
      entropy = entropyOf<R, W>(p);
    }
    for (let v: u32 = 0; v < vocab; v++) {
      const policy = get<R>(policies + v * WIDTH);
      const countAt = counts + (first + v) * WIDTH;
      const count = get<W>(countAt);
      put<W>(countAt, word<W>(0));
      const drawn = plus<R>(
        times<R>(w1, smallToReal<W, R>(and<W>(count, low))),
        times<R>(w0, smallToReal<W, R>(shiftRight<W>(count, 16))),
      );
      let g = minus<R>(drawn, times<R>(policy, rowWeight));
      if (isSimko) {
        const forkAt = p.forks + (first + v) * WIDTH;
        const forks = smallToReal<W, R>(and<W>(get<W>(forkAt), low));
        put<W>(forkAt, word<W>(0));
        g = minus<R>(g, times<R>(times<R>(w1, real<R>(p.share)), forks));
        g = plus<R>(g, choose<R, W>(isTop<R, W>(p, v), topShare, real<R>(0)));
        g = plus<R>(g, choose<R, W>(equal<W>(likeliest, word<W>(v)), penalty, real<R>(0)));
      }
      if (hasBonus) {
        const pull = times<R>(times<R>(bonus, policy), plus<R>(get<R>(logs + v * WIDTH), entropy));
        g = minus<R>(g, pull);
      }
      g = times<R>(g, scale);
      if (!isShared) {
        take<R>(p, g, (ownParam + first + v) * WIDTH, theta, means, squares, rates, isAdam);
      } else {
        for (let blend = firstBlend; blend < endBlend; blend++) {
          const at = p.gradient + (load<u32>(p.blendParams + (blend << 2)) + first + v) * WIDTH;
          const feature = real<R>(load<f32>(p.blendFeatures + (blend << 2)));
          put<R>(at, plus<R>(get<R>(at), times<R>(feature, g)));
        }
      }
    }
  }
}

/** Moves one parameter along its gradient: by SGD, or by Adam (Kingma & Ba 2015). */
// @ts-ignore: decorator
@inline
export function take<R>(
  p: Training,
  g: R,
  offset: u32,
  theta: usize,
  means: usize,
  squares: usize,
  rates: usize,
  isAdam: bool,
): void {
  const at = theta + offset;
  const rate = real<R>(load<f32>(rates));
  if (!isAdam) {
    put<R>(at, plus<R>(get<R>(at), times<R>(rate, g)));
    return;
  }
  const mean = plus<R>(times<R>(real<R>(p.decay1), get<R>(means + offset)), times<R>(real<R>(p.rest1), g));
  const square = plus<R>(
    times<R>(real<R>(p.decay2), get<R>(squares + offset)),
    times<R>(real<R>(p.rest2), times<R>(g, g)),
  );
  put<R>(means + offset, mean);
  put<R>(squares + offset, square);
  const size = plus<R>(times<R>(root<R>(square), real<R>(load<f32>(rates, 4))), real<R>(p.epsilon));
  put<R>(at, plus<R>(get<R>(at), over<R>(times<R>(rate, mean), size)));
}
