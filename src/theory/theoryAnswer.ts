/** Every exact value of a problem that can be asked for at once: what the `theory` command prints. */
import type { Estimator } from '../estimators/estimators.ts';
import { findEstimator } from '../estimators/estimatorSpec.ts';
import { weightTables, type NotDefined, type WeightTable } from '../estimators/weightTables.ts';
import { passAtK, passAtKWeight } from '../math/passAtK.ts';
import type { Problem } from '../problem/problem.ts';
import { aggregateGradients } from './aggregate.ts';
import { signalToNoise, totalVariance, varianceSplit, weightMoments } from './estimatorTheory.ts';
import { ORACLE_MINIMUM, oracleMinimumVariance } from './oracleMinimum.ts';
import { solvePrompt, type PromptTheory } from './promptTheory.ts';

export interface TheoryRequest {
  readonly problem: Problem;
  readonly groupSizes: readonly number[];
  readonly ks: readonly number[];
  readonly estimators: readonly Estimator[];
  /** tables from a file, at their own n and k */
  readonly own: readonly WeightTable[];
  /** whether to add the least variance of any unbiased member, as rows `oracle-minimum` */
  readonly oracleMinimum: 'with oracle minimum' | 'without oracle minimum';
  readonly gradient: 'with gradient' | 'without gradient';
}

/** Contract: the object that `theory --json` prints. */
export interface TheoryAnswer {
  readonly groupSizes: readonly number[];
  readonly ks: readonly number[];
  readonly prompts: readonly TheoryPrompt[];
  readonly notDefined: readonly NotDefined[];
  readonly aggregate?: {
    readonly successProb: number;
    readonly passAtK: Readonly<Record<string, number>>;
    readonly gradientNormSq: Readonly<Record<string, number>>;
    /** of the aggregate gradients of J_k and J_1 */
    readonly cosine: Readonly<Record<string, number | null>>;
  };
}

export interface TheoryPrompt {
  readonly id: string;
  readonly successProb: number;
  readonly gradient?: readonly number[];
  readonly gradientNormSq: number;
  readonly scoreNormSqCorrect: number | null;
  readonly scoreNormSqWrong: number | null;
  readonly passAtK: Readonly<Record<string, number>>;
  readonly alpha: Readonly<Record<string, number>>;
  readonly estimators: readonly TheoryRow[];
}

export interface TheoryRow {
  readonly estimator: string;
  readonly n: number;
  readonly k: number | null;
  readonly effectiveAlpha: number;
  /** effectiveAlpha − alpha_k; null where the estimator aims at no pass@k */
  readonly bias: number | null;
  /** trace of Cov G, and its parts along grad J1 and across it */
  readonly variance: number;
  readonly varianceAlong: number | null;
  readonly varianceAcross: number | null;
  /** of one group; null where G does not vary */
  readonly snr: number | null;
  /** n / snr */
  readonly samplesForSnr1: number | null;
  readonly zeroSignalProb: number | null;
}

export function theoryAnswer(request: TheoryRequest): TheoryAnswer {
  const { problem, groupSizes, ks } = request;
  const { tables, notDefined } = weightTables(request.estimators, groupSizes, ks);
  const solved = problem.prompts.map((prompt) => solvePrompt(problem, prompt));
  const byK = <Value>(value: (k: number) => Value): Record<string, Value> =>
    Object.fromEntries(ks.map((k) => [String(k), value(k)]));
  const prompts = solved.map((theory, index) =>
    promptAnswer(problem.prompts[index].id, theory, [...tables, ...request.own], byK, request),
  );
  const answer = { groupSizes, ks, prompts, notDefined };
  if (!problem.features) return answer;
  const rows = new Map(aggregateGradients(solved, problem.features, ks).map((row) => [row.k, row]));
  return {
    ...answer,
    aggregate: {
      successProb: solved.reduce((sum, { successProb }) => sum + successProb, 0) / solved.length,
      passAtK: byK((k) => rows.get(k)?.passAtK ?? 0),
      gradientNormSq: byK((k) => rows.get(k)?.gradientNormSq ?? 0),
      cosine: byK((k) => rows.get(k)?.cosine ?? null),
    },
  };
}

function promptAnswer(
  id: string,
  theory: PromptTheory,
  tables: readonly WeightTable[],
  byK: <Value>(value: (k: number) => Value) => Record<string, Value>,
  request: TheoryRequest,
): TheoryPrompt {
  const { successProb, failureProb } = theory;
  return {
    id,
    successProb,
    ...(request.gradient === 'with gradient' ? { gradient: Array.from(theory.gradient) } : {}),
    gradientNormSq: theory.gradientNormSq,
    scoreNormSqCorrect: theory.correct?.scoreNormSq ?? null,
    scoreNormSqWrong: theory.wrong?.scoreNormSq ?? null,
    passAtK: byK((k) => passAtK(successProb, k, failureProb)),
    alpha: byK((k) => passAtKWeight(successProb, k, failureProb)),
    estimators: [
      ...tables.map((table) => tableRow(table, theory)),
      ...(request.oracleMinimum === 'with oracle minimum' ? minimumRows(theory, request) : []),
    ],
  };
}

function tableRow(table: WeightTable, theory: PromptTheory): TheoryRow {
  const { estimatorId, n, k } = table;
  const { successProb, failureProb } = theory;
  const weights = weightMoments(table, successProb, failureProb);
  const { along, across } = varianceSplit(weights, theory);
  const snr = signalToNoise(weights, theory);
  const estimates = findEstimator(estimatorId)?.objective.estimates;
  // Estimators of pass@1 have no k; an own table says whether it has one.
  const target = k ?? (estimates === 'pass@1' ? 1 : null);
  return {
    estimator: estimatorId,
    n,
    k,
    effectiveAlpha: weights.effectiveAlpha,
    bias: target === null ? null : weights.effectiveAlpha - passAtKWeight(successProb, target, failureProb),
    variance: totalVariance(weights, theory),
    varianceAlong: along,
    varianceAcross: across,
    snr,
    samplesForSnr1: samplesForSnr1(n, snr),
    zeroSignalProb: weights.zeroSignalProb,
  };
}

function minimumRows(theory: PromptTheory, { groupSizes, ks }: TheoryRequest): TheoryRow[] {
  const { successProb, failureProb, direction } = theory;
  const rarer = Math.min(successProb, failureProb);
  const directionSq = direction.reduce((sum, mean) => sum + mean * mean, 0);
  return groupSizes.flatMap((n) =>
    ks
      .filter((k) => k <= n)
      .map((k) => {
        const effectiveAlpha = passAtKWeight(successProb, k, failureProb);
        const variance = oracleMinimumVariance(theory, n, k);
        const signal = effectiveAlpha * rarer;
        const snr = variance > 0 ? (signal / variance) * signal * directionSq : null;
        return {
          estimator: ORACLE_MINIMUM,
          n,
          k,
          effectiveAlpha,
          bias: 0,
          variance,
          varianceAlong: null,
          varianceAcross: null,
          snr,
          samplesForSnr1: samplesForSnr1(n, snr),
          zeroSignalProb: null,
        };
      }),
  );
}

function samplesForSnr1(n: number, snr: number | null): number | null {
  return snr === null || snr === 0 ? null : n / snr;
}
