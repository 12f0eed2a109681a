/** What every deliberate mistake is measured by: the power it needs, and the level at which it counts as seen. */
import { bennettPValue, criticalDeviation } from '../math/stats/bennett.ts';
import type { GroupLaw } from '../theory/promptLaw.ts';

/** A control with less chance than this of being flagged proves nothing either way. */
export const REQUIRED_POWER = 1 - 1e-6;
/** Level at which a control counts as flagged: that of one comparison in a family of a thousand. */
export const CONTROL_LEVEL = 2e-7;

/** Least chance that a mean with law `truth` is rejected as one with law `claim`. */
export function rejectionPower(claim: GroupLaw, truth: GroupLaw, groupCount: number): number {
  const distance =
    Math.abs(truth.mean - claim.mean) -
    criticalDeviation(groupCount, claim.variance, claim.bound, CONTROL_LEVEL);
  if (!(distance > 0)) return 0;
  // One side of Bennett's bound, which bennettPValue doubles.
  return 1 - bennettPValue(groupCount * distance, groupCount * truth.variance, truth.bound) / 2;
}
