/**
 * Training: LANES neighbouring replicas of a job, a *pack*, take their steps side by side. In a step each prompt of the batch
 * has its policy made from theta, a group drawn from it, and its gradient taken; src/engine/training.ts says what of.
 *
 * Reals are f32, in one fixed order of operations: a replica's theta is the same in either form, on any machine, in any pack.
 */
import { expOf, logOf } from './elementary';
import {
  above,
  add,
  and,
  chooseWord,
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
  rounded,
  shiftRight,
  smallToReal,
  subtract,
  times,
  toReal,
  toWord,
  WIDTH,
  word,
  xor,
} from './lanes';
import { openStreams, writeWords } from './random';

const TOTAL_MASS: f32 = 4294967296.0;
const INVERSE_TOTAL: f32 = 2.3283064365386963e-10;
/** Counts of a group share a word: correct trajectories below, wrong ones above. */
const LOW_HALF: u32 = 0xffff;
const ONE_WRONG: u32 = 0x10000;
/** Thresholds and words are compared as signed numbers, which is one instruction: both have their first bit turned. */
const SIGN: u32 = 0x80000000;
/** Tokens up to which comparing a word with every threshold, for four replicas at once, beats halving for each. */
const MOST_COMPARED: u32 = 32;
/** The same where replicas are in rows of their own: their thresholds come together one by one. */
const MOST_GATHERED: u32 = 16;
/** Replicas share the low 20 bits of a group's index. */
const STEP_BITS = 20;

/**
 * A job's tables and a pack's memory, as the host lays them out: 4 bytes each, in this order. Arrays of a pack have LANES
 * values at each place.
 */
@unmanaged
class Training {
  vocab: u32;
  rowCount: u32;
  horizon: u32;
  groupSize: u32;
  streamLength: u32;
  batchSize: u32;
  promptCount: u32;
  paramCount: u32;
  seedLow: u32;
  seedHigh: u32;
  drawId: u32;
  hasContext: u32;
  /** parameters are blended by features, not each prompt's own */
  isShared: u32;
  isAdam: u32;
  isSimko: u32;
  /** [prompts, cells] f32 */
  base: usize;
  /** [prompts + 1] u32, where a prompt's blends begin */
  blendStarts: usize;
  /** [blends] u32, the first parameter of the block */
  blendParams: usize;
  /** [blends] f32 */
  blendFeatures: usize;
  /** [prompts] u32, the address of [states, vocab + 1] u32: offsets of the next states' rows, and the outcome bits of the state */
  automata: usize;
  /** [prompts] u32, offset of the first state's row */
  starts: usize;
  /** [n + 1, 2] f32, weights of correct and of wrong trajectories by c */
  weights: usize;
  /** [steps, 2] f32 */
  rates: usize;
  inverseTemperature: f32;
  /** 1 / (temperature × batch) */
  scale: f32;
  decay1: f32;
  rest1: f32;
  decay2: f32;
  rest2: f32;
  epsilon: f32;
  /** β / n */
  bonusPerVisit: f32;
  /** of a trajectory's entropies in rising order: the place below the quantile, and how far it is to the next */
  simkoRank: u32;
  simkoPart: f32;
  topCount: u32;
  share: f32;
  penalty: f32;
  /** [4] and [words of a stream] u32 */
  words: usize;
  /** [cells] u32, sums of a row's masses without the likeliest token's, up to each; with SIGN turned */
  thresholds: usize;
  /** [rows] u32 */
  likeliest: usize;
  /** [cells] u32, tokens drawn in this group: correct below, wrong above; 0 between groups */
  counts: usize;
  /** [cells] u32, those of them that fork; 0 between groups */
  forks: usize;
  /** [rows] f32 */
  entropies: usize;
  /** [T] u32, the cells of a trajectory */
  trail: usize;
  /** [T] u32 of one trajectory, not of a pack: the rows of its cells */
  trailRows: usize;
  /** [T] f32 of one trajectory */
  sorted: usize;
  /** [vocab] f32 of the row in hand */
  policies: usize;
  logs: usize;
  /** [params] f32; only where parameters are shared */
  gradient: usize;
  /** [prompts, cells] u32, masses of each prompt's last group, 2^32 as 2^32 − 1; 0 where they are not kept */
  kept: usize;
}

/** Integer masses of a prompt's rows from theta, as thresholds: the likeliest token has what the others leave of 2^32. */
// @ts-ignore: decorator
@inline
function writePolicy<R, W>(p: Training, prompt: u32, theta: usize): void {
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
function writeRow<R, W>(p: Training, row: u32, withLogs: bool): void {
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
function entropyOf<R, W>(p: Training): R {
  let entropy = real<R>(0);
  for (let v: u32 = 0; v < p.vocab; v++) {
    entropy = minus<R>(entropy, times<R>(get<R>(p.policies + v * WIDTH), get<R>(p.logs + v * WIDTH)));
  }
  return entropy;
}

/** A group of each replica of the pack, counted by cell. Leaves c and the outcome bits of each lane in `correct` and `found`. */
// @ts-ignore: decorator
@inline
function drawGroups<W>(
  p: Training,
  prompt: u32,
  replica: u32,
  step: u32,
  correct: usize,
  found: usize,
): void {
  const n = p.groupSize;
  const horizon = p.horizon;
  const words = p.words + 4 * WIDTH;
  put<W>(correct, word<W>(0));
  put<W>(found, word<W>(0));
  let block: u32 = 0;
  for (let from: u32 = 0; from < n; from += p.streamLength, block++) {
    const count = min(p.streamLength, n - from);
    const low = (step << STEP_BITS) | replica;
    const high = step >>> (32 - STEP_BITS);
    openStreams<W>(p.words, low, high | (block << 8), prompt, p.drawId, p.seedLow, p.seedHigh);
    writeWords<W>(p.words, count * horizon, words);
    if (isVector<W>() && p.isSimko == 0 && p.vocab <= (p.hasContext != 0 ? MOST_GATHERED : MOST_COMPARED)) {
      if (ASC_FEATURE_SIMD) {
        if (p.hasContext != 0) drawSideBySide(p, prompt, count, words, correct, found, true);
        else drawSideBySide(p, prompt, count, words, correct, found, false);
      }
    } else {
      for (let lane: u32 = 0; lane < LANES; lane++) drawLane(p, prompt, count, lane << 2, words, correct, found);
    }
  }
}

/** The trajectories of four replicas, side by side: each word is compared with every threshold of its row. */
// @ts-ignore: decorator
@inline
function drawSideBySide(
  p: Training,
  prompt: u32,
  count: u32,
  words: usize,
  correct: usize,
  found: usize,
  hasContext: bool,
): void {
  const vocab = p.vocab;
  const horizon = p.horizon;
  const automaton = load<u32>(p.automata + (prompt << 2));
  const start = load<u32>(p.starts + (prompt << 2));
  const worth = vocab << 2;
  const thresholds = p.thresholds;
  const likeliest = p.likeliest;
  const counts = p.counts;
  const trail = p.trail;
  const fours = vocab & ~3;
  const rowBytes = vocab << 4;
  const sign = i32x4.splat(SIGN);
  const all = i32x4.splat(vocab);
  const lanes = i32x4(0, 4, 8, 12);
  let bits = i32x4.splat(0);
  let c = i32x4.splat(0);
  let at = words;
  for (let i: u32 = 0; i < count; i++) {
    let state0 = start;
    let state1 = start;
    let state2 = start;
    let state3 = start;
    let row = thresholds;
    // The four replicas' rows, where these differ.
    let rows = i32x4.splat(0);
    let firstRow: u32 = 1;
    for (let t: u32 = 0; t < horizon; t++) {
      const w = v128.xor(v128.load(at), sign);
      at += 16;
      // Minus how many thresholds are above the word, in four sums.
      let a = i32x4.splat(0);
      let b = a;
      let d = a;
      let e = a;
      let threshold = row;
      let rest = v128.load(likeliest + (t << 4));
      if (hasContext) {
        const row0 = i32x4.extract_lane(rows, 0);
        const row1 = i32x4.extract_lane(rows, 1);
        const row2 = i32x4.extract_lane(rows, 2);
        const row3 = i32x4.extract_lane(rows, 3);
        let at0 = thresholds + row0 * rowBytes;
        let at1 = thresholds + row1 * rowBytes;
        let at2 = thresholds + row2 * rowBytes;
        let at3 = thresholds + row3 * rowBytes;
        for (let v: u32 = 0; v < vocab; v++) {
          a = i32x4.add(a, i32x4.gt_s(gathered(at0, at1, at2, at3), w));
          at0 += 16;
          at1 += 16;
          at2 += 16;
          at3 += 16;
        }
        rest = gathered(
          likeliest + (row0 << 4),
          likeliest + (row1 << 4),
          likeliest + (row2 << 4),
          likeliest + (row3 << 4),
        );
      } else {
        for (let v: u32 = 0; v < fours; v += 4) {
          a = i32x4.add(a, i32x4.gt_s(v128.load(threshold), w));
          b = i32x4.add(b, i32x4.gt_s(v128.load(threshold, 16), w));
          d = i32x4.add(d, i32x4.gt_s(v128.load(threshold, 32), w));
          e = i32x4.add(e, i32x4.gt_s(v128.load(threshold, 48), w));
          threshold += 64;
        }
        for (let v = fours; v < vocab; v++) {
          a = i32x4.add(a, i32x4.gt_s(v128.load(threshold), w));
          threshold += 16;
        }
      }
      const below = i32x4.add(i32x4.add(all, i32x4.add(a, b)), i32x4.add(d, e));
      // Past the last threshold: the token that has the rest.
      const token = v128.bitselect(rest, below, i32x4.eq(below, all));
      const offset = i32x4.shl(token, 2);
      state0 = load<u32>(automaton + state0 + i32x4.extract_lane(offset, 0));
      state1 = load<u32>(automaton + state1 + i32x4.extract_lane(offset, 1));
      state2 = load<u32>(automaton + state2 + i32x4.extract_lane(offset, 2));
      state3 = load<u32>(automaton + state3 + i32x4.extract_lane(offset, 3));
      const first = hasContext ? i32x4.mul(rows, i32x4.splat(rowBytes)) : i32x4.splat(i32(row - thresholds));
      v128.store(trail + (t << 4), i32x4.add(i32x4.add(i32x4.shl(token, 4), first), lanes));
      if (hasContext) {
        rows = i32x4.add(i32x4.splat(firstRow), token);
        firstRow += vocab;
      } else row = threshold;
    }
    let verdict = i32x4.splat(load<u32>(automaton + state0 + worth));
    verdict = i32x4.replace_lane(verdict, 1, load<u32>(automaton + state1 + worth));
    verdict = i32x4.replace_lane(verdict, 2, load<u32>(automaton + state2 + worth));
    verdict = i32x4.replace_lane(verdict, 3, load<u32>(automaton + state3 + worth));
    bits = v128.or(bits, verdict);
    const isWrong = i32x4.eq(verdict, i32x4.splat(0));
    c = i32x4.add(c, i32x4.add(isWrong, i32x4.splat(1)));
    const one = v128.bitselect(i32x4.splat(ONE_WRONG), i32x4.splat(1), isWrong);
    const one0 = i32x4.extract_lane(one, 0);
    const one1 = i32x4.extract_lane(one, 1);
    const one2 = i32x4.extract_lane(one, 2);
    const one3 = i32x4.extract_lane(one, 3);
    for (let t: u32 = 0; t < horizon; t++) {
      const cells = trail + (t << 4);
      const count0 = counts + load<u32>(cells);
      const count1 = counts + load<u32>(cells, 4);
      const count2 = counts + load<u32>(cells, 8);
      const count3 = counts + load<u32>(cells, 12);
      store<u32>(count0, load<u32>(count0) + one0);
      store<u32>(count1, load<u32>(count1) + one1);
      store<u32>(count2, load<u32>(count2) + one2);
      store<u32>(count3, load<u32>(count3) + one3);
    }
  }
  v128.store(correct, i32x4.add(v128.load(correct), c));
  v128.store(found, v128.or(v128.load(found), bits));
}

/** The words of four lanes, each at a place of its own. */
// @ts-ignore: decorator
@inline
function gathered(at0: usize, at1: usize, at2: usize, at3: usize): v128 {
  let words = v128.load32_lane(at0, i32x4.splat(0), 0);
  words = v128.load32_lane(at1, words, 1, 4);
  words = v128.load32_lane(at2, words, 2, 8);
  return v128.load32_lane(at3, words, 3, 12);
}

/** The trajectories of one replica. @param lane offset of the lane in a value of all lanes */
function drawLane(
  p: Training,
  prompt: u32,
  count: u32,
  lane: u32,
  words: usize,
  correct: usize,
  found: usize,
): void {
  const vocab = p.vocab;
  const horizon = p.horizon;
  const automaton = load<u32>(p.automata + (prompt << 2));
  const start = load<u32>(p.starts + (prompt << 2));
  const hasContext = p.hasContext != 0;
  const isSimko = p.isSimko != 0;
  const rowWidth = vocab * WIDTH;
  const thresholds = p.thresholds + lane;
  const counts = p.counts + lane;
  const trail = p.trail;
  const trailRows = p.trailRows;
  const likeliest = p.likeliest + lane;
  let at = words + lane;
  let c: u32 = 0;
  let bits: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    let state = start;
    let row: u32 = 0;
    for (let t: u32 = 0; t < horizon; t++) {
      const w = load<i32>(at) ^ i32(SIGN);
      at += WIDTH;
      const rowAt = row * rowWidth;
      // How many thresholds of the row are at or below the word: halving, without a branch.
      let below = thresholds + rowAt;
      let length = vocab;
      while (length > 1) {
        const half = length >>> 1;
        const middle = below + half * WIDTH;
        below = load<i32>(middle - WIDTH) <= w ? middle : below;
        length -= half;
      }
      below += load<i32>(below) <= w ? usize(WIDTH) : 0;
      let cell = u32(below - thresholds);
      // Past the last threshold: the token that has the rest.
      if (cell == rowAt + rowWidth) cell = rowAt + load<u32>(likeliest + row * WIDTH) * WIDTH;
      const token = (cell - rowAt) / WIDTH;
      state = load<u32>(automaton + state + (token << 2));
      store<u32>(trail + (t << 2), cell);
      if (isSimko) store<u32>(trailRows + (t << 2), row);
      row = hasContext ? 1 + t * vocab + token : row + 1;
    }
    const verdict = load<u32>(automaton + state + (vocab << 2));
    bits |= verdict;
    const isCorrect = verdict != 0;
    c += u32(isCorrect);
    const one = isCorrect ? 1 : ONE_WRONG;
    for (let t: u32 = 0; t < horizon; t++) {
      const count = counts + load<u32>(trail + (t << 2));
      store<u32>(count, load<u32>(count) + one);
    }
    if (isSimko) addForks(p, lane, one);
  }
  store<u32>(correct + lane, load<u32>(correct + lane) + c);
  store<u32>(found + lane, load<u32>(found + lane) | bits);
}

/** Counts the tokens of the trajectory in the trail whose entropies are at least a quantile of its own. */
function addForks(p: Training, lane: u32, one: u32): void {
  const horizon = p.horizon;
  for (let t: u32 = 0; t < horizon; t++) {
    const entropy = load<f32>(p.entropies + load<u32>(p.trailRows + (t << 2)) * WIDTH + lane);
    let place = t;
    for (; place > 0; place--) {
      const before = load<f32>(p.sorted + ((place - 1) << 2));
      if (before <= entropy) break;
      store<f32>(p.sorted + (place << 2), before);
    }
    store<f32>(p.sorted + (place << 2), entropy);
  }
  const low = load<f32>(p.sorted + (p.simkoRank << 2));
  const high = load<f32>(p.sorted + (min(p.simkoRank + 1, horizon - 1) << 2));
  const least = low + (high - low) * p.simkoPart;
  for (let t: u32 = 0; t < horizon; t++) {
    if (load<f32>(p.entropies + load<u32>(p.trailRows + (t << 2)) * WIDTH + lane) < least) continue;
    const fork = p.forks + load<u32>(p.trail + (t << 2)) + lane;
    store<u32>(fork, load<u32>(fork) + one);
  }
}

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
function learn<R, W>(
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
function take<R>(
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

/** What tests hold the step against: the masses that the group was drawn from. */
// @ts-ignore: decorator
@inline
function keepMasses<W>(p: Training, prompt: u32): void {
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

// @ts-ignore: decorator
@inline
function train<R, W>(
  p: Training,
  theta: usize,
  means: usize,
  squares: usize,
  replica: u32,
  laneCount: u32,
  outcomes: usize,
  outcomeStride: u32,
  firstStep: u32,
  stepCount: u32,
): void {
  const correct = memory.data(16, 16);
  const found = memory.data(16, 16);
  for (let step = firstStep; step < firstStep + stepCount; step++) {
    const rates = p.rates + (step << 3);
    if (p.isShared != 0) memory.fill(p.gradient, 0, p.paramCount * WIDTH);
    for (let b: u32 = 0; b < p.batchSize; b++) {
      const prompt = u32((u64(step) * p.batchSize + b) % p.promptCount);
      writePolicy<R, W>(p, prompt, theta);
      if (p.kept != 0) keepMasses<W>(p, prompt);
      drawGroups<W>(p, prompt, replica, step, correct, found);
      for (let lane: u32 = 0; lane < laneCount; lane++) {
        store<u32>(outcomes + (lane << 2), load<u32>(correct + (lane << 2)) | load<u32>(found + (lane << 2)));
      }
      outcomes += outcomeStride;
      learn<R, W>(p, prompt, correct, theta, means, squares, rates);
    }
    if (p.isShared == 0) continue;
    for (let offset: u32 = 0; offset < p.paramCount * WIDTH; offset += WIDTH) {
      take<R>(p, get<R>(p.gradient + offset), offset, theta, means, squares, rates, p.isAdam != 0);
    }
  }
}

/**
 * Steps firstStep .. firstStep + stepCount − 1 of the pack that begins with a replica.
 *
 * @param theta [params] of the pack, and `means` and `squares` likewise where Adam trains
 * @param laneCount replicas of the pack that are wanted
 * @param outcomes where the pack's outcome words of the first step go; those of the next group lie outcomeStride bytes on
 */
export function trainPack(
  at: usize,
  theta: usize,
  means: usize,
  squares: usize,
  replica: u32,
  laneCount: u32,
  outcomes: usize,
  outcomeStride: u32,
  firstStep: u32,
  stepCount: u32,
): void {
  const p = changetype<Training>(at);
  if (ASC_FEATURE_SIMD) {
    train<v128, v128>(p, theta, means, squares, replica, laneCount, outcomes, outcomeStride, firstStep, stepCount);
  } else {
    train<f32, u32>(p, theta, means, squares, replica, laneCount, outcomes, outcomeStride, firstStep, stepCount);
  }
}

// ---- known answers ----

/** exp and log of a value: for tests. */
export function expOfReal(x: f32): f32 {
  return expOf<f32, u32>(x);
}

export function logOfReal(x: f32): f32 {
  return logOf<f32, u32>(x);
}
