/**
 * What a check may say, and how much of the run's chance of a false alarm each family of checks may spend.
 */

/**
 * `agree`: not rejected, and precise enough to have seen a deviation of 10 %. `disagree`: rejected.
 * `inconclusive`: neither. Checks that can only reject say `not rejected` instead of `agree`.
 */
export type Verdict = 'agree' | 'not rejected' | 'disagree' | 'inconclusive';

/** Chance that an honest run raises any alarm. */
export const FALSE_ALARM_PROB = 1e-3;

/** The families of a run and their shares of it, fixed in advance. */
export const FAMILIES = {
  slopes: 'slope of the measured gradient on grad J1, against alpha_k',
  coordinates: 'every coordinate of the measured gradient, against alpha_k grad J1',
  passAtK: 'mean of rho(n, c, k), against J_k',
  counts: 'every tally cell, exactly binomial',
  second: 'second moments of the score by 128 batches, Student t',
} as const;

export type Family = keyof typeof FAMILIES;

export const FAMILY_LEVEL = FALSE_ALARM_PROB / Object.keys(FAMILIES).length;

/** A relative deviation that an `agree` rules out, and the chance with which it would have been seen. */
export const RESOLVED_DEVIATION = 0.1;
/** One-sided normal quantile of a 95 % chance. */
export const RESOLVED_POWER_Z = 1.645;
