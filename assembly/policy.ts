/** A pack's policies: integer masses made from theta, as thresholds, and what is read back from them. */
import { expOf, logOf } from './elementary';
import {
  add,
  and,
  choose,
  chooseWord,
  equal,
  get,
  greater,
  minus,
  over,
  plus,
  put,
  real,
  rounded,
  subtract,
  times,
  toReal,
  toWord,
  WIDTH,
  word,
  xor,
} from './lanes';
import { SIGN, Training } from './pack';

const TOTAL_MASS: f32 = 4294967296.0;
const INVERSE_TOTAL: f32 = 2.3283064365386963e-10;

/** Integer masses of a prompt's rows from theta, as thresholds: the likeliest token has what the others leave of 2^32. */
// @ts-ignore: decorator
@inline
export function writePolicy<R, W>(p: Training, prompt: u32, theta: usize): void {
  const vocab = p.vocab;
  const rowCount = p.rowCount;
  const cellCount = rowCount * vocab;
  const policies = p.policies;
  const thresholds = p.thresholds;
  const blendParams = p.blendParams;
  const blendFeatures = p.blendFeatures;
  const sign = word<W>(SIGN);
  const base = p.base + ((prompt * cellCount) << 2);
  const inverseTemperature = real<R>(p.inverseTemperature);
  const firstBlend = load<u32>(p.blendStarts + (prompt << 2));
  const endBlend = load<u32>(p.blendStarts + (prompt << 2), 4);
  const own = theta + load<u32>(blendParams + (firstBlend << 2)) * WIDTH;
  const isShared = p.isShared != 0;
  for (let row: u32 = 0; row < rowCount; row++) {
    const first = row * vocab;
    let greatest = real<R>(-3e38);
    let likeliest = word<W>(0);
    for (let v: u32 = 0; v < vocab; v++) {
      let x = real<R>(load<f32>(base + ((first + v) << 2)));
      if (!isShared) {
        x = plus<R>(x, get<R>(own + (first + v) * WIDTH));
      } else {
        for (let blend = firstBlend; blend < endBlend; blend++) {
          const param = load<u32>(blendParams + (blend << 2)) + first + v;
          const feature = real<R>(load<f32>(blendFeatures + (blend << 2)));
          x = plus<R>(x, times<R>(feature, get<R>(theta + param * WIDTH)));
        }
      }
      x = times<R>(x, inverseTemperature);
      put<R>(policies + v * WIDTH, x);
      const isGreater = greater<R, W>(x, greatest);
      greatest = choose<R, W>(isGreater, x, greatest);
      likeliest = chooseWord<W>(isGreater, word<W>(v), likeliest);
    }
    let total = real<R>(0);
    for (let v: u32 = 0; v < vocab; v++) {
      const e = expOf<R, W>(minus<R>(get<R>(policies + v * WIDTH), greatest));
      put<R>(policies + v * WIDTH, e);
      total = plus<R>(total, e);
    }
    const unit = over<R>(real<R>(TOTAL_MASS), total);
    let sum = word<W>(0);
    for (let v: u32 = 0; v < vocab; v++) {
      const mass = toWord<R, W>(rounded<R>(times<R>(get<R>(policies + v * WIDTH), unit)));
      sum = add<W>(sum, chooseWord<W>(equal<W>(likeliest, word<W>(v)), word<W>(0), mass));
      put<W>(thresholds + (first + v) * WIDTH, xor<W>(sum, sign));
    }
    put<W>(p.likeliest + row * WIDTH, likeliest);
    if (p.isSimko != 0) {
      writeRow<R, W>(p, row, true);
      put<R>(p.entropies + row * WIDTH, entropyOf<R, W>(p));
    }
  }
}

/** The policy of a row as reals, and its logarithms where they are asked for (0 where the policy is). */
// @ts-ignore: decorator
@inline
export function writeRow<R, W>(p: Training, row: u32, withLogs: bool): void {
  const vocab = p.vocab;
  const thresholds = p.thresholds + row * vocab * WIDTH;
  const policies = p.policies;
  const logs = p.logs;
  const sign = word<W>(SIGN);
  const likeliest = get<W>(p.likeliest + row * WIDTH);
  const sum = xor<W>(get<W>(thresholds + (vocab - 1) * WIDTH), sign);
  const left = choose<R, W>(
    equal<W>(sum, word<W>(0)),
    real<R>(TOTAL_MASS),
    toReal<W, R>(subtract<W>(word<W>(0), sum)),
  );
  const inverse = real<R>(INVERSE_TOTAL);
  let before = word<W>(0);
  for (let v: u32 = 0; v < vocab; v++) {
    const upTo = xor<W>(get<W>(thresholds + v * WIDTH), sign);
    const mass = toReal<W, R>(subtract<W>(upTo, before));
    before = upTo;
    const policy = times<R>(choose<R, W>(equal<W>(likeliest, word<W>(v)), left, mass), inverse);
    put<R>(policies + v * WIDTH, policy);
    if (!withLogs) continue;
    const isPositive = greater<R, W>(policy, real<R>(0));
    const log = logOf<R, W>(choose<R, W>(isPositive, policy, real<R>(1)));
    put<R>(logs + v * WIDTH, log);
  }
}

/** −Σ p log p of the row in hand. */
// @ts-ignore: decorator
@inline
export function entropyOf<R, W>(p: Training): R {
  let entropy = real<R>(0);
  for (let v: u32 = 0; v < p.vocab; v++) {
    entropy = minus<R>(entropy, times<R>(get<R>(p.policies + v * WIDTH), get<R>(p.logs + v * WIDTH)));
  }
  return entropy;
}

/** What tests hold the step against: the masses that the group was drawn from. */
// @ts-ignore: decorator
@inline
export function keepMasses<W>(p: Training, prompt: u32): void {
  const vocab = p.vocab;
  const kept = p.kept + prompt * p.rowCount * vocab * WIDTH;
  for (let row: u32 = 0; row < p.rowCount; row++) {
    const first = row * vocab * WIDTH;
    const likeliest = get<W>(p.likeliest + row * WIDTH);
    const sum = xor<W>(get<W>(p.thresholds + first + (vocab - 1) * WIDTH), word<W>(SIGN));
    const left = subtract<W>(subtract<W>(word<W>(0), sum), and<W>(equal<W>(sum, word<W>(0)), word<W>(1)));
    let before = word<W>(0);
    for (let v: u32 = 0; v < vocab; v++) {
      const upTo = xor<W>(get<W>(p.thresholds + first + v * WIDTH), word<W>(SIGN));
      const isLikeliest = equal<W>(likeliest, word<W>(v));
      put<W>(kept + first + v * WIDTH, chooseWord<W>(isLikeliest, left, subtract<W>(upTo, before)));
      before = upTo;
    }
  }
}
