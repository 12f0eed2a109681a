/**
 * Sampling and tallies of one prompt (`cdf@1`): LANES neighbouring groups draw their words side by side, then each group's
 * trajectories are walked one after the other. What is counted are integers, so that no order shows.
 */
import { LOW_HALF, ONE_WRONG } from './halves';
import { LANES, WIDTH } from './lanes';
import { openStreams, writeWords } from './random';

/** Second moments are kept in this many batches, by the group's index. */
const BATCH_COUNT: u32 = 128;
/** In a bucket of a guide: thresholds lie inside, too. */
const IS_SPLIT: u32 = 0x8000;
const ONE: i64 = 65536;

/** What a group may count beside its successes. */
const LEVEL_GROUPS = 0;
const LEVEL_MOMENTS = 1;
const LEVEL_FULL = 2;

/** Deliberate mistakes, for negative controls. */
const NO_FAULT = 0;
/** `<` for `<=` in the token rule: a word takes the token of the word before */
const STRICT_THRESHOLD = 1;
/** words lose one part in 64 */
const SCALED_WORD = 2;

/** How many trajectories of a group are correct by design. */
const EACH_IN_TURN: u32 = 0xffffffff;

/**
 * One prompt's tables and the places of its counters, as the host lays them out: u32 each, in this order. A row is that of
 * (t, u) where the policy has a context, else that of t; a cell is a row's token. Tokens are drawn from the rows of the
 * policy, or (by classes) from those of the nodes of two chains, wrong trajectories' first. Offsets of rows, cells and
 * states are in bytes.
 */
@unmanaged
class Prompt {
  vocab: u32;
  horizon: u32;
  groupSize: u32;
  /** trajectories of a stream */
  streamLength: u32;
  /** of all policy rows together, in bytes */
  cellBytes: u32;
  guideBits: u32;
  seedLow: u32;
  seedHigh: u32;
  promptIndex: u32;
  drawId: u32;
  /** [drawn rows, vocab] u32, the first `thresholdCounts` of a row in use */
  thresholds: usize;
  /** [drawn rows] u32 */
  thresholdCounts: usize;
  /** by classes: [2 nodes, vocab] u32, the node that a token leads to; 0 in plain sampling */
  nextNode: usize;
  /** by classes: the first node of correct trajectories */
  correctStart: u32;
  /** by classes: c of every group, or EACH_IN_TURN */
  given: u32;
  /** [drawn rows, 2^guideBits] u16: thresholds at or below the bucket's first word, and IS_SPLIT */
  guide: usize;
  /** [states, vocab + 1] u32: offset of the next state's row; at the end 1 where the state accepts */
  automaton: usize;
  /** offset of the first state's row */
  start: u32;
  /** [rows, vocab] u32, A */
  tokenMass: usize;
  /** [rows] u32, B */
  collision: usize;
  /** [LANES, n, T] u32, offsets of the cells that were drawn */
  trails: usize;
  /** from a place in the trails to that of the cell's row, [LANES, n, T] u32; only with a context */
  trailRows: usize;
  /** [LANES, n] u8, 1 where correct */
  verdicts: usize;
  /** [4, LANES] and [words of a stream, LANES] u32 */
  words: usize;
  /** [rows, vocab] u32, of one group: correct trajectories below, wrong ones in the high half; 0 between groups */
  cells: usize;
  /** [rows, 4] u32, of one group: trajectories as in `cells`, A of the wrong ones, A of the correct ones; 0 between groups */
  rows: usize;
  /** [n + 1] u32 */
  groups: usize;
  /** [128, n + 1, 3] i64 */
  second: usize;
  /** [n + 1, 2, rows, vocab] u32 */
  counts: usize;
}

// @ts-ignore: decorator
@inline
function faulted(w: u32, fault: i32): u32 {
  if (fault == STRICT_THRESHOLD) return w - u32(w > 0);
  if (fault == SCALED_WORD) return w - (w >>> 6);
  return w;
}

/** The token rule: how many of a row's thresholds are at or below the word. */
// @ts-ignore: decorator
@inline
function tokenOf(p: Prompt, row: u32, guideRow: usize, guideShift: u32, w: u32): u32 {
  let token: u32 = load<u16>(guideRow + (usize(w >>> guideShift) << 1));
  if (token & IS_SPLIT) {
    token &= ~IS_SPLIT;
    const count = load<u32>(p.thresholdCounts + (row << 2));
    const thresholds = p.thresholds + ((row * p.vocab) << 2);
    while (token < count && load<u32>(thresholds + (token << 2)) <= w) token++;
  }
  return token;
}

/** Draws some trajectories of one group from words [.., lanes], the first ones from the table of correct trajectories. @returns how many are correct */
// @ts-ignore: decorator
@inline
function walk(
  p: Prompt,
  words: usize,
  count: u32,
  trail: usize,
  verdicts: usize,
  hasContext: bool,
  isByClass: bool,
  correctByDesign: u32,
  keepsTrail: bool,
  fault: i32,
): u32 {
  const vocab = p.vocab;
  const horizon = p.horizon;
  const automaton = p.automaton;
  const start = p.start;
  const guide = p.guide;
  const guideShift = 32 - p.guideBits;
  const guideBytes: usize = 2 << p.guideBits;
  const rowBytes = vocab << 2;
  const trailRows = p.trailRows;
  let correctCount: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    let state = start;
    let row: u32 = 0;
    let node: u32 = isByClass && i < correctByDesign ? p.correctStart : 0;
    let guideRow = guide;
    let rowOffset: u32 = 0;
    for (let t: u32 = 0; t < horizon; t++) {
      const w = faulted(load<u32>(words), fault);
      words += WIDTH;
      if (isByClass) guideRow = guide + usize(node) * guideBytes;
      const token = tokenOf(p, isByClass ? node : row, guideRow, guideShift, w);
      if (isByClass) node = load<u32>(p.nextNode + ((node * vocab + token) << 2));
      state = load<u32>(automaton + state + (token << 2));
      if (keepsTrail) {
        store<u32>(trail, rowOffset + (token << 2));
        if (hasContext) store<u32>(trail + trailRows, row);
        trail += 4;
      }
      if (hasContext) {
        row = 1 + t * vocab + token;
        guideRow = guide + usize(row) * guideBytes;
        rowOffset = row * rowBytes;
      } else {
        row++;
        guideRow += guideBytes;
        rowOffset += rowBytes;
      }
    }
    const verdict = load<u32>(automaton + state + rowBytes);
    if (keepsTrail) store<u8>(verdicts + i, u8(verdict));
    correctCount += verdict;
  }
  return correctCount;
}

/**
 * S11, S10 and S00 of a group in one pass, O(n T): a trajectory meets those before it that are in its row at that position,
 * and they are counted before it is. A pair adds 2^16 [same token] − A_i − A_j + B to the sum of its two outcomes; a
 * trajectory meets itself once, another one twice where the outcomes are equal (i, j and j, i).
 */
// @ts-ignore: decorator
@inline
function addSecondMoments(p: Prompt, batch: u32, c: u32, trail: usize, verdicts: usize): void {
  const n = p.groupSize;
  const horizon = p.horizon;
  const cells = p.cells;
  const rows = p.rows;
  const tokenMass = p.tokenMass;
  const collision = p.collision;
  const trailRows = p.trailRows;
  let s11: i64 = 0;
  let s10: i64 = 0;
  let s00: i64 = 0;
  let at = trail;
  for (let i: u32 = 0; i < n; i++) {
    const verdict: u32 = load<u8>(verdicts + i);
    const one = ONE_WRONG - verdict * (ONE_WRONG - 1);
    const massAt: usize = 4 + (verdict << 2);
    let itself: i64 = 0;
    let withCorrect: i64 = 0;
    let withWrong: i64 = 0;
    for (let t: u32 = 0; t < horizon; t++) {
      const cell = load<u32>(at);
      const row = load<u32>(at + trailRows);
      at += 4;
      const rowAt = rows + (row << 4);
      const same = load<u32>(cells + cell);
      const met = load<u32>(rowAt);
      const mass = load<u32>(tokenMass + cell);
      // Below 2^28 in size: counts are at most 1024, masses at most 2^16.
      const excess = i32(load<u32>(collision + (row << 2)) - mass);
      itself += i64(i32(ONE) + excess - i32(mass));
      withCorrect += i64(i32((same & LOW_HALF) << 16) + excess * i32(met & LOW_HALF) - i32(load<u32>(rowAt, 8)));
      withWrong += i64(i32(same & ~LOW_HALF) + excess * i32(met >>> 16) - i32(load<u32>(rowAt, 4)));
      store<u32>(cells + cell, same + one);
      store<u32>(rowAt, met + one);
      store<u32>(rowAt + massAt, load<u32>(rowAt + massAt) + mass);
    }
    // All ones where it is correct.
    const own = -i64(verdict);
    s11 += (itself + 2 * withCorrect) & own;
    s10 += (withWrong & own) + (withCorrect & ~own);
    s00 += (itself + 2 * withWrong) & ~own;
  }
  addMoments(p, batch, c, s11, s10, s00);
}

/** The same where a position has one row: the c and n − c trajectories meet in all T of them. */
// @ts-ignore: decorator
@inline
function addSecondMomentsWithoutContext(
  p: Prompt,
  batch: u32,
  c: u32,
  trail: usize,
  verdicts: usize,
  collisions: i64,
): void {
  const n = p.groupSize;
  const horizon = p.horizon;
  const cells = p.cells;
  const tokenMass = p.tokenMass;
  let same11: u64 = 0;
  let same10: u64 = 0;
  let same00: u64 = 0;
  let mass1: u64 = 0;
  let mass0: u64 = 0;
  let at = trail;
  for (let i: u32 = 0; i < n; i++) {
    const verdict: u32 = load<u8>(verdicts + i);
    const one = ONE_WRONG - verdict * (ONE_WRONG - 1);
    let withCorrect: u32 = 0;
    let withWrong: u32 = 0;
    let mass: u32 = 0;
    for (let t: u32 = 0; t < horizon; t++) {
      const cell = load<u32>(at);
      at += 4;
      const same = load<u32>(cells + cell);
      withCorrect += same & LOW_HALF;
      withWrong += same >>> 16;
      store<u32>(cells + cell, same + one);
      mass += load<u32>(tokenMass + cell);
    }
    // All ones where it is correct; no branch, for none could foresee it.
    const own = -verdict;
    same11 += withCorrect & own;
    same10 += (withWrong & own) + (withCorrect & ~own);
    same00 += withWrong & ~own;
    mass1 += mass & own;
    mass0 += mass & ~own;
  }
  const correct = i64(c);
  const wrong = i64(n) - correct;
  addMoments(
    p,
    batch,
    c,
    ONE * (correct * horizon + 2 * same11) - 2 * correct * mass1 + correct * correct * collisions,
    ONE * same10 - correct * mass0 - wrong * mass1 + correct * wrong * collisions,
    ONE * (wrong * horizon + 2 * same00) - 2 * wrong * mass0 + wrong * wrong * collisions,
  );
}

// @ts-ignore: decorator
@inline
function addMoments(p: Prompt, batch: u32, c: u32, s11: i64, s10: i64, s00: i64): void {
  const at = p.second + (batch * (p.groupSize + 1) + c) * 24;
  store<i64>(at, load<i64>(at) + s11);
  store<i64>(at, load<i64>(at, 8) + s10, 8);
  store<i64>(at, load<i64>(at, 16) + s00, 16);
}

/** Makes the group's counters 0 again: those that it touched, or all where that is less. */
// @ts-ignore: decorator
@inline
function clear(p: Prompt, trail: usize, hasContext: bool): void {
  const cells = p.cells;
  const rows = p.rows;
  const trailRows = p.trailRows;
  const cellBytes = p.cellBytes;
  const end = trail + ((p.groupSize * p.horizon) << 2);
  if (!hasContext && cellBytes < u32(end - trail) << 1) {
    // A place holds a multiple of 16 bytes.
    for (let offset: u32 = 0; offset < cellBytes; offset += 8) store<u64>(cells + offset, 0);
    return;
  }
  for (let at = trail; at < end; at += 4) {
    store<u32>(cells + load<u32>(at), 0);
    if (!hasContext) continue;
    const rowAt = rows + (load<u32>(at + trailRows) << 4);
    store<u64>(rowAt, 0);
    store<u64>(rowAt, 0, 8);
  }
}

// @ts-ignore: decorator
@inline
function addCounts(p: Prompt, c: u32, trail: usize, verdicts: usize): void {
  const n = p.groupSize;
  const horizon = p.horizon;
  const cellBytes = p.cellBytes;
  const ofWrong = p.counts + c * 2 * cellBytes;
  let at = trail;
  for (let i: u32 = 0; i < n; i++) {
    const counts = ofWrong + load<u8>(verdicts + i) * cellBytes;
    for (let t: u32 = 0; t < horizon; t++) {
      const cell = counts + load<u32>(at);
      at += 4;
      store<u32>(cell, load<u32>(cell) + 1);
    }
  }
}

/** c of a group by design. */
// @ts-ignore: decorator
@inline
function givenOf(p: Prompt, groupLow: u32, groupHigh: u32): u32 {
  if (p.given != EACH_IN_TURN) return p.given;
  return u32((((u64(groupHigh) << 32) | groupLow) / BATCH_COUNT) % (p.groupSize + 1));
}

// @ts-ignore: decorator
@inline
function sample<W>(
  p: Prompt,
  firstLow: u32,
  groupHigh: u32,
  groupCount: u32,
  level: i32,
  hasContext: bool,
  isByClass: bool,
  fault: i32,
): void {
  const n = p.groupSize;
  const horizon = p.horizon;
  const trailBytes = (n * horizon) << 2;
  const words = p.words + 4 * WIDTH;
  let collisions: i64 = 0;
  if (level >= LEVEL_MOMENTS && !hasContext) {
    for (let t: u32 = 0; t < horizon; t++) collisions += load<u32>(p.collision + (t << 2));
  }
  const correctCounts = memory.data(16);
  for (let first: u32 = 0; first < groupCount; first += LANES) {
    const laneCount = min(LANES, groupCount - first);
    for (let lane: u32 = 0; lane < LANES; lane++) store<u32>(correctCounts + (lane << 2), 0);
    let block: u32 = 0;
    for (let from: u32 = 0; from < n; from += p.streamLength, block++) {
      const count = min(p.streamLength, n - from);
      openStreams<W>(p.words, firstLow + first, groupHigh | (block << 8), p.promptIndex, p.drawId, p.seedLow, p.seedHigh);
      writeWords<W>(p.words, count * horizon, words);
      for (let lane: u32 = 0; lane < laneCount; lane++) {
        const given = isByClass ? givenOf(p, firstLow + first + lane, groupHigh) : 0;
        const correct = walk(
          p,
          words + (lane << 2),
          count,
          p.trails + lane * trailBytes + ((from * horizon) << 2),
          p.verdicts + lane * n + from,
          hasContext,
          isByClass,
          given > from ? given - from : 0,
          level >= LEVEL_MOMENTS,
          fault,
        );
        store<u32>(correctCounts + (lane << 2), load<u32>(correctCounts + (lane << 2)) + correct);
      }
    }
    for (let lane: u32 = 0; lane < laneCount; lane++) {
      const c = load<u32>(correctCounts + (lane << 2));
      const at = p.groups + (c << 2);
      store<u32>(at, load<u32>(at) + 1);
      if (level == LEVEL_GROUPS) continue;
      const trail = p.trails + lane * trailBytes;
      const verdicts = p.verdicts + lane * n;
      const batch = (firstLow + first + lane) % BATCH_COUNT;
      if (hasContext) addSecondMoments(p, batch, c, trail, verdicts);
      else addSecondMomentsWithoutContext(p, batch, c, trail, verdicts, collisions);
      clear(p, trail, hasContext);
      if (level == LEVEL_FULL) addCounts(p, c, trail, verdicts);
    }
  }
}

/** Samples groups firstLow .. firstLow + groupCount − 1, whose high word is the same, and counts them. */
export function sampleGroups(
  at: usize,
  firstLow: u32,
  groupHigh: u32,
  groupCount: u32,
  level: i32,
  hasContext: bool,
  fault: i32,
): void {
  const p = changetype<Prompt>(at);
  if (ASC_FEATURE_SIMD) choose<v128>(p, firstLow, groupHigh, groupCount, level, hasContext, fault);
  else choose<u32>(p, firstLow, groupHigh, groupCount, level, hasContext, fault);
}

/** Each level and context has a copy of the kernel in which it is a constant; groups by classes and faults share one. */
// @ts-ignore: decorator
@inline
function choose<W>(
  p: Prompt,
  firstLow: u32,
  groupHigh: u32,
  groupCount: u32,
  level: i32,
  hasContext: bool,
  fault: i32,
): void {
  if (p.nextNode != 0) {
    if (hasContext) sample<W>(p, firstLow, groupHigh, groupCount, level, true, true, fault);
    else sample<W>(p, firstLow, groupHigh, groupCount, level, false, true, fault);
  } else if (fault != NO_FAULT) sample<W>(p, firstLow, groupHigh, groupCount, level, hasContext, false, fault);
  else if (level == LEVEL_GROUPS) {
    if (hasContext) sample<W>(p, firstLow, groupHigh, groupCount, LEVEL_GROUPS, true, false, NO_FAULT);
    else sample<W>(p, firstLow, groupHigh, groupCount, LEVEL_GROUPS, false, false, NO_FAULT);
  } else if (level == LEVEL_MOMENTS) {
    if (hasContext) sample<W>(p, firstLow, groupHigh, groupCount, LEVEL_MOMENTS, true, false, NO_FAULT);
    else sample<W>(p, firstLow, groupHigh, groupCount, LEVEL_MOMENTS, false, false, NO_FAULT);
  } else if (hasContext) sample<W>(p, firstLow, groupHigh, groupCount, LEVEL_FULL, true, false, NO_FAULT);
  else sample<W>(p, firstLow, groupHigh, groupCount, LEVEL_FULL, false, false, NO_FAULT);
}

/** Fills the guides of all rows from their thresholds: how many are at or below a bucket's first word, and whether more lie in it. */
export function writeGuides(at: usize, rowCount: u32): void {
  const p = changetype<Prompt>(at);
  const bucketCount: u32 = 1 << p.guideBits;
  const shift = 32 - p.guideBits;
  let guide = p.guide;
  for (let row: u32 = 0; row < rowCount; row++) {
    const count = load<u32>(p.thresholdCounts + (row << 2));
    const thresholds = p.thresholds + ((row * p.vocab) << 2);
    let below: u32 = 0;
    for (let bucket: u32 = 0; bucket < bucketCount; bucket++) {
      const first = bucket << shift;
      const last = first + ((1 << shift) - 1);
      while (below < count && load<u32>(thresholds + (below << 2)) <= first) below++;
      const isSplit = below < count && load<u32>(thresholds + (below << 2)) <= last;
      store<u16>(guide, u16(below | (isSplit ? IS_SPLIT : 0)));
      guide += 2;
    }
  }
}

// ---- known answers ----

/** Philox and the generator for one counter and key: writes 4 words, then `count` of the stream's first lane, with a stride of lanes. */
export function writeStream(
  at: usize,
  counter0: u32,
  counter1: u32,
  counter2: u32,
  counter3: u32,
  key0: u32,
  key1: u32,
  count: u32,
): void {
  if (ASC_FEATURE_SIMD) {
    openStreams<v128>(at, counter0, counter1, counter2, counter3, key0, key1);
    writeWords<v128>(at, count, at + 4 * WIDTH);
  } else {
    openStreams<u32>(at, counter0, counter1, counter2, counter3, key0, key1);
    writeWords<u32>(at, count, at + 4 * WIDTH);
  }
}

/** The token of a word in a row, by the guide as in a run. */
export function tokenOfWord(at: usize, row: u32, w: u32, fault: i32): u32 {
  const p = changetype<Prompt>(at);
  return tokenOf(p, row, p.guide + ((row << p.guideBits) << 1), 32 - p.guideBits, faulted(w, fault));
}

/** Where memory begins that the host may lay out. */
export function firstFreeByte(): usize {
  return __heap_base;
}
