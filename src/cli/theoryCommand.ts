/** `theory`: exact values of a problem, no GPU. */
import { aggregateGradients } from '../math/aggregate.ts';
import { weightTables, type Estimator, type NotDefined, type WeightTable } from '../math/estimators.ts';
import { totalVariance, weightMoments } from '../math/estimatorTheory.ts';
import { passAtK, passAtKWeight } from '../math/passAtK.ts';
import type { Problem } from '../math/problem.ts';
import { solvePrompt, type PromptTheory } from '../math/promptTheory.ts';

export interface TheoryRequest {
  readonly problem: Problem;
  readonly groupSizes: readonly number[];
  readonly ks: readonly number[];
  readonly estimators: readonly Estimator[];
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
  readonly estimators: readonly {
    readonly estimator: string;
    readonly n: number;
    readonly k: number | null;
    readonly effectiveAlpha: number;
    readonly variance: number;
    readonly zeroSignalProb: number;
  }[];
}

export function theoryAnswer(request: TheoryRequest): TheoryAnswer {
  const { problem, groupSizes, ks } = request;
  const { tables, notDefined } = weightTables(request.estimators, groupSizes, ks);
  const solved = problem.prompts.map((prompt) => solvePrompt(problem, prompt));
  const byK = <Value>(value: (k: number) => Value): Record<string, Value> =>
    Object.fromEntries(ks.map((k) => [String(k), value(k)]));
  const prompts = solved.map((theory, index) =>
    promptAnswer(problem.prompts[index].id, theory, tables, byK, request),
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
    estimators: tables.map((table) => {
      const weights = weightMoments(table, successProb, failureProb);
      return {
        estimator: table.estimatorId,
        n: table.n,
        k: table.k,
        effectiveAlpha: weights.effectiveAlpha,
        variance: totalVariance(weights, theory),
        zeroSignalProb: weights.zeroSignalProb,
      };
    }),
  };
}
