/**
 * Experiment `aggregate`: prompts that share parameters. Per prompt ∇J_k is a multiple of ∇J_1; averaged over prompts it
 * is not, and this measures where the angle between the two opens, up to an example in which they oppose each other.
 *
 * The mean gradient Ḡ_k is projected on the *exact* ∇J̄_1: two estimates from the same samples would share their noise.
 * Its length for the cosine comes from products of different blocks of groups, for the same reason.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import { endingOf, judge, type Family } from '../../lab/judge.ts';
import type { Lab } from '../../lab/experiment.ts';
import { aggregateGradients } from '../../theory/aggregate.ts';
import { portableExp } from '../../math/elementary.ts';
import { catalogued } from '../../estimators/estimatorSpec.ts';
import { passAtKWeight } from '../../math/passAtK.ts';
import { compileProblem, type Problem } from '../../problem/problem.ts';
import { solvePrompt, type PromptTheory } from '../../theory/promptTheory.ts';
import { weightTable, type WeightTable } from '../../estimators/weightTables.ts';
import { bandit, evenBandit } from '../../problem/workloads.ts';
import type { SamplingJob } from '../../engine/sampler.ts';
import { jackknife } from '../../math/stats/jackknife.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { estimate, meanPValue, studentEstimate, zScore } from '../../lab/checks.ts';
import { measuredGradient } from '../../lab/measure.ts';
import { resolves, type GroupLaw } from '../../theory/promptLaw.ts';
import type { AggregateCase, AggregateCell, AggregateResult } from './result.ts';
import { blockRanges, sampleJobs, samplingResult, type SampledRange } from '../../lab/sampleJobs.ts';
import type { Preset } from '../../lab/settings.ts';
import { aggregated, dot, promptDirection, sharedLaw } from '../../theory/sharedParameters.ts';

export const DRAW_IDS = [0x600, 0x6ff] as const satisfies DrawIds;
export const AGGREGATE: Family = { id: 'aggregate', question: 'aggregate gradients along grad J1' };
const BLOCK_COUNT = 16;
const GROUPS: Readonly<Record<Preset, number>> = { quick: 2 ** 13, standard: 2 ** 15, full: 2 ** 18 };

const ARMS = 6;
const CORRECT_ARMS = 2;
const WORKLOAD_SEED = 2025;
/** Where each prompt stands between hard and easy, times the spread, in logits. */
const PLACES = [-1, -0.6, -0.2, 0.2, 0.6, 1];
/** Two shared blocks of parameters: one that all prompts use alike, one that they use with either sign. */
const FEATURES = [0.8, -0.5, 0.3, -0.9, 0.6, -0.2].map((use) => [1, use]);
const SPREADS = [0, 1, 2, 3, 4];

interface Case {
  readonly id: string;
  readonly description: string;
  readonly problem: Problem;
  readonly features: readonly (readonly number[])[];
}

function aggregateCases(): Case[] {
  const spread = SPREADS.map((size): Case => {
    const successProbs = PLACES.map((place) => 1 / (1 + portableExp(-size * place)));
    const source = { ...bandit(ARMS, CORRECT_ARMS, successProbs, WORKLOAD_SEED), features: FEATURES };
    return {
      id: `spread-${size}`,
      description: `six prompts, J1 from ${successProbs[0].toFixed(3)} to ${(successProbs.at(-1) ?? 0).toFixed(3)}`,
      problem: compileProblem(source),
      features: FEATURES,
    };
  });
  // On even arms grad J1 is the same at p and 1 − p, so the features alone turn it: (1, 0) and (−.5, .1).
  const features = [
    [1, 0],
    [-0.5, 0.1],
  ];
  return [
    ...spread,
    {
      id: 'opposing',
      description: 'two prompts, J1 = .9 and .1, with grad J1 along (1, 0) and (-.5, .1)',
      problem: compileProblem({ ...evenBandit(ARMS, CORRECT_ARMS, [0.9, 0.1]), features }),
      features,
    },
  ];
}

/** The unbiased estimator with the group's mean weight 0 where there is one. */
function tableFor(n: number, k: number): WeightTable {
  const id = k < n ? 'ordergrad' : k === 1 ? 'reinforce' : 'pkpo-loo1';
  const estimator = catalogued(id);
  return weightTable(estimator, n, estimator.usesK ? k : null);
}

export async function runAggregate({ config, engine, watcher }: Lab): Promise<AggregateResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const n = config.groupSize;
  const ks = config.ks.filter((k) => k <= n);
  const tables = ks.map((k) => tableFor(n, k));
  const cases = aggregateCases();
  const blockSize = GROUPS[config.preset] / BLOCK_COUNT;
  const jobs = cases.map(({ problem }, index): SamplingJob => ({
    problem,
    groupSize: n,
    level: 'full',
    seed: config.seed,
    drawId: drawId(DRAW_IDS, index),
    ranges: blockRanges(
      BLOCK_COUNT,
      problem.prompts.map(() => blockSize),
    ),
  }));
  const sampling = await sampleJobs(jobs, engine, watcher);
  const level = FAMILY_LEVEL / Math.max(1, cases.length * ks.length);
  const measured = cases.map((entry, i) => measureCase(entry, tables, ks, sampling.jobs[i], level));
  const judged = judge(
    AGGREGATE,
    measured.flatMap(({ cells }) => cells),
    endingOf(sampling),
  );
  return {
    experiment: 'aggregate',
    description: `prompts that share parameters (n = ${n})`,
    cases: measured.map((entry) => ({
      ...entry,
      cells: entry.cells.map(judged.of),
    })),
    ...(await samplingResult(
      sampling,
      [judged.summary],
      jobs.map((job, i) => ({ name: `aggregate ${cases[i].id}`, job })),
    )),
  };
}

function measureCase(
  { id, description, problem, features }: Case,
  tables: readonly WeightTable[],
  ks: readonly number[],
  ranges: readonly SampledRange[],
  level: number,
): AggregateCase {
  const solved = problem.prompts.map((prompt) => solvePrompt(problem, prompt));
  const exact = new Map(aggregateGradients(solved, features, ks).map((row) => [row.k, row.cosine]));
  const first = aggregated(
    solved.map(({ gradient }) => gradient),
    features,
  );
  const size = dot(first, first);
  const isWhole = ranges.every(({ range, groupCount }) => groupCount === range.groupCount);
  const cells = isWhole
    ? tables.map((table, i): AggregateCell => {
        const k = ks[i];
        const law = projectionLaw(problem, solved, features, first, table, k);
        const blocks = Array.from({ length: BLOCK_COUNT }, (_, block) =>
          aggregated(
            problem.prompts.map((prompt, x) => {
              const { tally, groupCount } = ranges[block * problem.prompts.length + x];
              return measuredGradient(problem, prompt, tally, groupCount, table).mean;
            }),
            features,
          ),
        );
        const groupCount = BLOCK_COUNT * ranges[0].groupCount;
        const total = sumOf(blocks);
        const projection = dot(total, first) / BLOCK_COUNT / size;
        const cosine = cosineOf(total, blocks, first);
        const leftOut = blocks.map((block) =>
          cosineOf(
            total.map((value, j) => value - block[j]),
            blocks.filter((other) => other !== block),
            first,
          ),
        );
        const known = leftOut.filter((value) => value !== null);
        return {
          estimator: table.estimatorId,
          k,
          cosine: exact.get(k) ?? null,
          measuredCosine:
            cosine === null || known.length < leftOut.length
              ? null
              : studentEstimate(jackknife(cosine, known), groupCount),
          projection: law.mean,
          measuredProjection: estimate(projection, law, groupCount),
          z: zScore(projection, law, groupCount),
          pValue: meanPValue(projection, law, groupCount, 1e-12 * Math.abs(law.bound)),
          verdict: resolves(law, groupCount, level) ? 'agree' : 'inconclusive',
        };
      })
    : [];
  return { id, description, successProbs: solved.map(({ successProb }) => successProb), cells };
}

function sumOf(vectors: readonly Float64Array[]): Float64Array {
  return vectors[0].map((_, j) => vectors.reduce((sum, vector) => sum + vector[j], 0));
}

/** Cosine of the blocks' mean with `first`; its squared length from products of different blocks, which has no bias. */
function cosineOf(total: Float64Array, blocks: readonly Float64Array[], first: Float64Array): number | null {
  const count = blocks.length;
  const square =
    (dot(total, total) - blocks.reduce((sum, block) => sum + dot(block, block), 0)) / (count * (count - 1));
  if (!(square > 0)) return null;
  return dot(total, first) / count / Math.sqrt(square * dot(first, first));
}

/** Law of Ḡ_k·∇J̄_1/|∇J̄_1|² for one group of every prompt, with the mean that the theorem claims: α_k per prompt. */
function projectionLaw(
  problem: Problem,
  solved: readonly PromptTheory[],
  features: readonly (readonly number[])[],
  first: Float64Array,
  table: WeightTable,
  k: number,
): GroupLaw {
  const size = dot(first, first);
  const direction = first.map((value) => value / size);
  const mean = solved.reduce(
    (sum, { successProb, failureProb, gradient }, x) =>
      sum +
      passAtKWeight(successProb, k, failureProb) *
        dot(gradient, promptDirection(direction, features, x, gradient.length)),
    0,
  );
  return { ...sharedLaw(problem, solved, features, direction, table), mean };
}

/** The sets in which the exact gradients of J_k and J_1 oppose each other for some k, in words. */
export function opposing(cases: readonly AggregateCase[]): string[] {
  return cases.flatMap(({ description, cells }) => {
    const [worst] = [...cells].sort((a, b) => (a.cosine ?? 1) - (b.cosine ?? 1));
    if (cells.length === 0 || (worst.cosine ?? 1) >= 0) return [];
    return [
      `${description}: cosine ${(worst.cosine ?? 1).toFixed(3)} at k = ${worst.k}, they oppose each other`,
    ];
  });
}
