/**
 * What a check may say, and how much of the run's chance of a false alarm each family of checks may spend.
 */

/**
 * `agree`: not rejected, and precise enough to have seen a deviation of 10 %. `disagree`: rejected.
 * `inconclusive`: neither, and a longer run would decide it. `out of reach`: neither, and no run will: the noise of one
 * trajectory is too large beside the signal. Checks that can only reject say `not rejected` instead of `agree`.
 */
export type Verdict = 'agree' | 'not rejected' | 'disagree' | 'inconclusive' | 'out of reach';

/** Chance that an honest run raises any alarm. */
export const FALSE_ALARM_PROB = 1e-3;

/**
 * Shares into which it is split, fixed in advance: one for each family of comparisons, with room for families to come, so that
 * a new experiment changes no other's plan.
 */
export const FAMILY_SLOTS = 32;
export const FAMILY_LEVEL = FALSE_ALARM_PROB / FAMILY_SLOTS;

/** A relative deviation that an `agree` rules out, and the chance with which it would have been seen. */
export const RESOLVED_DEVIATION = 0.1;
/** One-sided normal quantile of a 95 % chance. */
export const RESOLVED_POWER_Z = 1.645;
