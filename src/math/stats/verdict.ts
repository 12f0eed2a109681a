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
  slopes: 'slopes on grad J1, against alpha_k',
  coordinates: 'coordinates, against alpha_k grad J1',
  passAtK: 'mean of rho(n, c, k), against J_k',
  counts: 'tally cells, exactly binomial',
  second: 'second moments, Student t of 128 batches',
  means: 'mean slopes of all estimators, against alpha_eff',
  structural: 'structural variances, Student t of 32 blocks',
  direct: 'direct variances, Student t of 32 blocks',
  silence: 'groups without signal, exactly binomial',
  figure: 'points of Figure 1: J_k and alpha_k',
  aggregate: 'aggregate gradients along grad J1',
  temperature: 'J_k at each temperature',
  updates: 'first gradients of the update kernel, along grad J1',
  replicas: 'replicas after many steps: kernel and twin, exact two-sample tests',
  discovery: 'steps that find a rare mode, exactly binomial',
  gap: 'gap between pass@k and pass@1 along training',
} as const;

export type Family = keyof typeof FAMILIES;

export const FAMILY_LEVEL = FALSE_ALARM_PROB / Object.keys(FAMILIES).length;

/** A relative deviation that an `agree` rules out, and the chance with which it would have been seen. */
export const RESOLVED_DEVIATION = 0.1;
/** One-sided normal quantile of a 95 % chance. */
export const RESOLVED_POWER_Z = 1.645;
