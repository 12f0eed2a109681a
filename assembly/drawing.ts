/** A pack's groups: drawn from the policies' thresholds, judged by the verifier, counted by cell. */
import { ONE_WRONG } from './halves';
import { LANES, put, WIDTH, word } from './lanes';
import { SIGN, Training } from './pack';
import { openStreams, writeWords } from './random';

/** Tokens up to which comparing a word with every threshold, for four replicas at once, beats halving for each. */
const MOST_COMPARED: u32 = 32;
/** The same where replicas are in rows of their own: their thresholds come together one by one. */
const MOST_GATHERED: u32 = 16;
/** Replicas share the low 20 bits of a group's index. */
const STEP_BITS = 20;

/** A group of each replica of the pack, counted by cell. Leaves c and the outcome bits of each lane in `correct` and `found`. */
// @ts-ignore: decorator
@inline
export function drawGroups<W>(
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
