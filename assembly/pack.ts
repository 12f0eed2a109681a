/** What training knows: a job's tables, and the memory of a pack, LANES neighbouring replicas that take their steps side by side. */

/** Thresholds and words are compared as signed numbers, which is one instruction: both have their first bit turned. */
export const SIGN: u32 = 0x80000000;

/**
 * A job's tables and a pack's memory, as the host lays them out: 4 bytes each, in this order. Arrays of a pack have LANES
 * values at each place.
 */
@unmanaged
export class Training {
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
