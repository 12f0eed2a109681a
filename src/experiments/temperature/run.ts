/**
 * Experiment `temperature`: does a low sampling temperature close the gap between pass@k and pass@1 (Yu 2025, Section 4)?
 *
 * Four policies, sampled at falling temperature: the likeliest trajectory is correct; it is wrong; a correct and a wrong one are
 * equally likely; and, where rows depend on the token before, the likeliest is not the greedy one. J_k and J_1 are measured from
 * one tally each; where the gap turns is found from theory, at every temperature between, not at those that were sampled.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import { endingOf, judge, type Family } from '../../lab/judge.ts';
import type { Lab } from '../../lab/experiment.ts';
import { passAtK, passAtKGap } from '../../math/passAtK.ts';
import { portableLog } from '../../math/elementary.ts';
import {
  compileProblem,
  type ContextKind,
  type NestedRows,
  type ProblemSource,
} from '../../problem/problem.ts';
import { solvePrompt } from '../../theory/promptTheory.ts';
import { formatProb } from '../../view/format.ts';
import { everyPrompt, type SamplingJob } from '../../engine/sampler.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { passAtKCheck } from '../../lab/checks.ts';
import { passAtKLaw, promptLaw, resolves } from '../../theory/promptLaw.ts';
import type { GapTurn, TemperaturePoint, TemperaturePolicy, TemperatureResult } from './result.ts';
import { sampleJobs, samplingResult } from '../../lab/sampleJobs.ts';
import type { Preset } from '../../lab/settings.ts';

export const DRAW_IDS = [0x700, 0x7ff] as const satisfies DrawIds;
export const TEMPERATURE: Family = { id: 'temperature', question: 'J_k at each temperature' };
const GROUPS: Readonly<Record<Preset, number>> = { quick: 2 ** 13, standard: 2 ** 16, full: 2 ** 19 };
const TEMPERATURES = [2, 1.5, 1, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.02];
const VOCAB = 4;
/** A logit whose token is never drawn at any of the temperatures. */
const FLOOR = -100;

export interface Policy {
  readonly id: string;
  readonly description: string;
  readonly horizon: number;
  readonly context: ContextKind;
  /** logits of all rows in their order, or one row that stands for all */
  readonly rows: readonly (readonly number[])[];
  readonly accept: readonly (readonly number[])[];
}

const sameRows = (row: readonly number[]): Pick<Policy, 'horizon' | 'context' | 'rows'> => ({
  horizon: 3,
  context: 'none',
  rows: [row, row, row],
});

export const POLICIES: readonly Policy[] = [
  {
    id: 'likeliest-correct',
    description: 'the likeliest trajectory is correct',
    ...sameRows([0.6, 0.3, 0, -0.3]),
    accept: [
      [0, 0, 0],
      [3, 2, 1],
    ],
  },
  {
    id: 'likeliest-wrong',
    description: 'the likeliest trajectory is wrong',
    ...sameRows([0.6, 0.3, 0, -0.3]),
    accept: [
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
      [1, 1, 1],
    ],
  },
  {
    id: 'tie',
    description: 'a correct and a wrong trajectory are equally likely, and likelier than all others',
    ...sameRows([0.6, 0.6, 0, -0.3]),
    accept: [
      [0, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 1],
    ],
  },
  {
    id: 'likeliest-not-greedy',
    description: 'the likeliest trajectory is correct, and begins with the less likely token',
    horizon: 2,
    context: 'previous',
    // First token .55, .45; after the first .28 and three of .24, after the second .9 and three of .033.
    rows: [
      [portableLog(0.55), portableLog(0.45), FLOOR, FLOOR],
      [portableLog(0.28), portableLog(0.24), portableLog(0.24), portableLog(0.24)],
      [portableLog(0.9), portableLog(0.1 / 3), portableLog(0.1 / 3), portableLog(0.1 / 3)],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ],
    accept: [[1, 0]],
  },
];

/** π_τ ∝ exp(logit / τ): one prompt per temperature. Tokens are drawn one by one, each at that temperature. */
function problemOf(
  { horizon, context, rows, accept }: Policy,
  temperatures: readonly number[],
): ProblemSource {
  const scaled = (temperature: number): number[][] =>
    rows.map((row) => row.map((logit) => logit / temperature));
  const nested = (own: number[][]): NestedRows =>
    context === 'none' ? own : [own.slice(0, 1), own.slice(1)];
  return {
    format: 'passk-problem@1',
    vocab: VOCAB,
    horizon,
    context,
    prompts: temperatures.map((temperature) => ({
      id: `tau-${temperature}`,
      logits: nested(scaled(temperature)),
      accept: { sequences: accept },
    })),
  };
}

/** J1 at a temperature, exactly. */
export function successProbAt(policy: Policy, temperature: number): number {
  const problem = compileProblem(problemOf(policy, [temperature]));
  return solvePrompt(problem, problem.prompts[0]).successProb;
}

export async function runTemperature({ config, engine, watcher }: Lab): Promise<TemperatureResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const n = config.groupSize;
  const ks = config.ks.filter((k) => k <= n);
  const problems = POLICIES.map((policy) => compileProblem(problemOf(policy, TEMPERATURES)));
  const jobs = problems.map((problem, index): SamplingJob => ({
    problem,
    groupSize: n,
    level: 'groups',
    seed: config.seed,
    drawId: drawId(DRAW_IDS, index),
    ranges: everyPrompt(problem, 0, GROUPS[config.preset]),
  }));
  const sampling = await sampleJobs(jobs, engine, watcher);
  const level = FAMILY_LEVEL / (POLICIES.length * TEMPERATURES.length * ks.length);
  const points = problems.map((problem, i) =>
    problem.prompts.map((prompt, t): TemperaturePoint => {
      const law = promptLaw(problem, prompt, []);
      const { successProb, failureProb } = law.theory;
      const { tally, groupCount } = sampling.jobs[i][t];
      return {
        temperature: TEMPERATURES[t],
        successProb,
        gaps: ks.map((k) => ({ k, gap: passAtKGap(successProb, k) })),
        passAtK:
          groupCount === 0
            ? []
            : ks.map((k) => ({
                ...passAtKCheck(law, tally, groupCount, k),
                verdict: resolves(
                  passAtKLaw(law.theory, n, k, passAtK(successProb, k, failureProb)),
                  groupCount,
                  level,
                )
                  ? 'agree'
                  : 'inconclusive',
              })),
      };
    }),
  );
  const judged = judge(
    TEMPERATURE,
    points.flat().flatMap(({ passAtK: checks }) => checks),
    endingOf(sampling),
  );
  const policies = POLICIES.map(({ id, description }, i): TemperaturePolicy => ({
    id,
    description,
    points: points[i].map((point) => ({ ...point, passAtK: point.passAtK.map(judged.of) })),
  }));
  return {
    experiment: 'temperature',
    description: `V = ${VOCAB}, T = 2 and 3, n = ${n}`,
    ks,
    policies,
    findings: [
      ...policies.map((policy, i) => finding(POLICIES[i], policy, ks)),
      'a falling temperature leads to the greedy trajectory, for tokens are drawn one by one; that is the likeliest one only where ' +
        'rows do not depend on the token before (context none)',
      ...greatestGap(Math.max(...ks)),
    ],
    ...(await samplingResult(
      sampling,
      [judged.summary],
      jobs.map((job, i) => ({ name: `temperature ${POLICIES[i].id}`, job })),
    )),
  };
}

/** Temperatures between the highest and the lowest at which theory looks for turns of the gap. */
const SCAN = 240;
/** Halvings, about, of the temperatures between which a turn lies. */
const REFINEMENTS = 40;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** A turn of less is rounding. */
const NOTHING = 1e-6;

/** Where the gap turns as the temperature falls, from exact J1 at any temperature. */
export function turnsOfGap(policy: Policy, k: number): GapTurn[] {
  const first = Math.log(TEMPERATURES[0]);
  const last = Math.log(TEMPERATURES[TEMPERATURES.length - 1]);
  const gapAt = (log: number): number => passAtKGap(successProbAt(policy, Math.exp(log)), k);
  const logs = Array.from({ length: SCAN + 1 }, (_, i) => first + ((last - first) * i) / SCAN);
  const gaps = logs.map(gapAt);
  return gaps.flatMap((gap, i): GapTurn[] => {
    if (i === 0 || i === SCAN) return [];
    const side =
      gap > gaps[i - 1] + NOTHING && gap >= gaps[i + 1]
        ? 1
        : gap < gaps[i - 1] - NOTHING && gap <= gaps[i + 1]
          ? -1
          : 0;
    if (side === 0) return [];
    let [low, high] = [logs[i + 1], logs[i - 1]];
    for (let step = 0; step < REFINEMENTS; step += 1) {
      const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
      if (side * gapAt(left) > side * gapAt(right)) high = right;
      else low = left;
    }
    const at = (low + high) / 2;
    return [{ temperature: Math.exp(at), gap: gapAt(at), kind: side === 1 ? 'peak' : 'trough' }];
  });
}

/** q − q^k is greatest at q = k^(−1/(k−1)). */
function greatestGap(k: number): string[] {
  if (k === 1) return [];
  const q = k ** (-1 / (k - 1));
  return [
    `every policy whose J1 passes ${(1 - q).toFixed(3)} = 1 - ${k}^(-1/${k - 1}) has the greatest gap there is on the way, ` +
      (q - q ** k).toFixed(4),
  ];
}

/** What the exact gap of the largest k does between the highest temperature and the lowest. */
function finding(policy: Policy, { description, points }: TemperaturePolicy, ks: readonly number[]): string {
  const k = Math.max(...ks);
  const gapOf = ({ gaps }: TemperaturePoint): number => gaps.find((entry) => entry.k === k)?.gap ?? 0;
  const [first, last] = [points[0], points[points.length - 1]];
  const lastGap = gapOf(last);
  const course = turnsOfGap(policy, k).map(
    ({ temperature, gap, kind }) =>
      `${kind === 'peak' ? 'rises to' : 'falls to'} ${gap.toFixed(4)} at ${temperature.toFixed(3)}`,
  );
  const end = lastGap < 0.01 ? 'closes' : `ends at ${lastGap.toFixed(3)}: it stays open`;
  return (
    `${description}: from temperature ${first.temperature} to ${last.temperature} J1 goes from ` +
    `${first.successProb.toFixed(3)} to ${formatProb(last.successProb)}, and the gap J_${k} - J_1 starts at ` +
    `${gapOf(first).toFixed(3)}, ${[...course, `then ${end}`].join(', ')}`
  );
}
