/**
 * What the paper claims, and what we do, as data: each claim with its formula, its source, and a rule that reads what the
 * experiments found. Every screen renders this one list. No verdict is without its denominator, and none is green for nothing.
 */
import type { ExperimentName, ExperimentResults } from './experiments.ts';
import * as rules from './claimRules.ts';
import type { ClaimKind, Finding, Judgement } from './finding.ts';

export const CLAIM_IDS = [
  'theorem-3.1',
  'situation-1',
  'situation-2',
  'theorem-3.2-1',
  'theorem-3.2-2',
  'theorem-3.2-3',
  'temperature',
  'collapse',
  'aggregate',
  'rare-modes',
  'crossover',
  'variance',
  'cost',
] as const;
export type ClaimId = (typeof CLAIM_IDS)[number];

export interface Claim extends Finding {
  readonly id: ClaimId;
  readonly title: string;
  /** plain letters: a terminal shows it */
  readonly formula: string;
  readonly source: string;
}

interface ClaimRule {
  readonly id: ClaimId;
  readonly title: string;
  readonly formula: string;
  readonly source: string;
  /** what it rests on: `not-run` where one of them is missing or was cut short */
  readonly needs: readonly ExperimentName[];
  readonly kind: ClaimKind;
  readonly judge: (results: ExperimentResults) => Judgement;
}

const YU = 'Yu 2511.16231';

const RULES: readonly ClaimRule[] = [
  {
    id: 'theorem-3.1',
    title: "per prompt, pass@k's gradient is a multiple of pass@1's",
    formula: 'E[G_k] = alpha_k grad J1, alpha_k = k (1-J1)^(k-1)',
    source: `${YU}, Theorem 3.1`,
    needs: ['relation'],
    kind: 'sampled',
    judge: rules.theorem31,
  },
  {
    id: 'situation-1',
    title: 'J1 near 0: without a success there is no signal',
    formula: 'P(no success) = (1-J1)^n',
    source: `${YU}, Situation I`,
    needs: ['signal'],
    kind: 'sampled',
    judge: rules.situation1,
  },
  {
    id: 'situation-2',
    title: 'J1 near 1: the objective saturates',
    formula: 'alpha_k -> 0 for k > 1',
    source: `${YU}, Situation II`,
    needs: ['signal'],
    kind: 'enumerated',
    judge: rules.situation2,
  },
  {
    id: 'theorem-3.2-1',
    title: 'a step finds a mode of mass eps with chance at most n eps',
    formula: 'P(found) = 1 - (1-eps)^n <= n eps',
    source: `${YU}, Theorem 3.2 (1)`,
    needs: ['collapse'],
    kind: 'sampled',
    judge: rules.discovery,
  },
  {
    id: 'theorem-3.2-2',
    title: 'updates without M2 never lower the mass of M1',
    formula: 'd E[m1] = |grad m1|^2 / (1-m2) >= 0',
    source: `${YU}, Theorem 3.2 (2)`,
    needs: ['collapse'],
    kind: 'proved',
    judge: rules.massOfM1,
  },
  {
    id: 'theorem-3.2-3',
    title: 'as one mode takes all, the gap vanishes',
    formula: 'J_k - J_1 = d - d^k, d = 1-J1',
    source: `${YU}, Theorem 3.2 (3)`,
    needs: ['collapse'],
    kind: 'sampled',
    judge: rules.gapVanishes,
  },
  {
    id: 'temperature',
    title: 'a lower temperature closes the gap of pass@k and pass@1',
    formula: 'J_k - J_1 -> 0 as tau -> 0',
    source: `${YU}, Section 4`,
    needs: ['temperature'],
    kind: 'sampled',
    judge: rules.lowTemperature,
  },
  {
    id: 'collapse',
    title: 'training shrinks the gap of pass@k and pass@1',
    formula: 'J_k - J_1 falls along training',
    source: `${YU}, Section 4`,
    needs: ['collapse'],
    kind: 'sampled',
    judge: rules.trainingCloses,
  },
  {
    id: 'aggregate',
    title: 'over prompts that share parameters and differ in J1 it is no multiple',
    formula: 'cos(grad mean J_k, grad mean J_1) < 1',
    source: 'ours',
    needs: ['aggregate'],
    kind: 'sampled',
    judge: rules.aggregateOpens,
  },
  {
    id: 'rare-modes',
    title: 'mass, n and the objective decide whether a rare mode survives',
    formula: 'share of replicas that end with one mode',
    source: 'ours',
    needs: ['collapse'],
    kind: 'sampled',
    judge: rules.rareModes,
  },
  {
    id: 'crossover',
    title: 'where prompts share parameters the initial policy can win at large k',
    formula: 'pass@k before > pass@k after, k large',
    source: 'ours, after Yue et al. 2504.13837',
    needs: ['crossover'],
    kind: 'sampled',
    judge: rules.initialWins,
  },
  {
    id: 'variance',
    title: 'every estimator has the variance that its law says',
    formula: 'Var G = sum_c P(c) Var[G|c] + |g|^2 Var h(c)',
    source: 'ours',
    needs: ['variance'],
    kind: 'sampled',
    judge: rules.varianceIsExact,
  },
  {
    id: 'cost',
    title: "pass@k's gradient costs more samples than pass@1's",
    formula: 'samples for SNR 1, least of the unbiased estimators',
    source: 'ours',
    needs: ['variance'],
    kind: 'enumerated',
    judge: rules.costGrows,
  },
];

/** Every claim as it is worded, without what a run says of it. */
export const CLAIM_TEXTS = RULES.map(({ id, title, formula, source, needs, kind }) => ({
  id,
  title,
  formula,
  source,
  needs,
  kind,
}));

/** Every claim, in the order of the contract, with what these results say of it. */
export function claimsOf(results: ExperimentResults): Claim[] {
  return RULES.map(({ judge, needs, ...claim }): Claim => {
    const missing = needs.filter((name) => {
      const result = results[name];
      return result === undefined || ('complete' in result && !result.complete);
    });
    if (missing.length > 0) {
      const words = `rests on ${missing.join(', ')}`;
      return { ...claim, verdict: 'not-run', decided: 0, total: 0, rejected: 0, words, brief: words };
    }
    const judgement = judge(results);
    // Zero checks are never green.
    return { ...claim, ...judgement, ...(judgement.decided === 0 ? { verdict: 'undecided' as const } : {}) };
  });
}
