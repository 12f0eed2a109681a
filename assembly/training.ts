/**
 * Training: LANES neighbouring replicas of a job, a *pack*, take their steps side by side. In a step each prompt of the batch
 * has its policy made from theta, a group drawn from it, and its gradient taken; src/engine/training.ts says what of.
 *
 * Reals are f32, in one fixed order of operations: a replica's theta is the same in either form, on any machine, in any pack.
 */
import { drawGroups } from './drawing';
import { expOf, logOf } from './elementary';
import { get, WIDTH } from './lanes';
import { learn, take } from './learning';
import { Training } from './pack';
import { keepMasses, writePolicy } from './policy';

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
