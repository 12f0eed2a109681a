/**
 * Experiment `temperature`: does a low sampling temperature close the gap between pass@k and pass@1 (Yu 2025, Section 4)?
 *
 * Three policies over 64 trajectories, sampled at falling temperature: the likeliest trajectory is correct; it is wrong;
 * a correct and a wrong one are equally likely. J_k and J_1 are measured from one tally each.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import { endingOf, judge, type Family } from '../../lab/judge.ts';
import type { Lab } from '../../lab/experiment.ts';
import { passAtK, passAtKGap } from '../../math/passAtK.ts';
import { compileProblem, type ProblemSource } from '../../problem/problem.ts';
import { everyPrompt, type SamplingJob } from '../../engine/sampler.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { passAtKCheck } from '../../lab/checks.ts';
import { passAtKLaw, promptLaw, resolves } from '../../theory/promptLaw.ts';
import type { TemperaturePoint, TemperaturePolicy, TemperatureResult } from './result.ts';
import { sampleJobs, samplingResult } from '../../lab/sampleJobs.ts';
import type { Preset } from '../../lab/settings.ts';

export const DRAW_IDS = [0x700, 0x7ff] as const satisfies DrawIds;
export const TEMPERATURE: Family = { id: 'temperature', question: 'J_k at each temperature' };
const GROUPS: Readonly<Record<Preset, number>> = { quick: 2 ** 13, standard: 2 ** 16, full: 2 ** 19 };
const TEMPERATURES = [2, 1.5, 1, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.02];
const VOCAB = 4;
const HORIZON = 3;

interface Policy {
  readonly id: string;
  readonly description: string;
  /** the same at every position */
  readonly logits: readonly number[];
  readonly accept: readonly (readonly number[])[];
}

const POLICIES: readonly Policy[] = [
  {
    id: 'likeliest-correct',
    description: 'the likeliest trajectory is correct',
    logits: [0.6, 0.3, 0, -0.3],
    accept: [
      [0, 0, 0],
      [3, 2, 1],
    ],
  },
  {
    id: 'likeliest-wrong',
    description: 'the likeliest trajectory is wrong',
    logits: [0.6, 0.3, 0, -0.3],
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
    logits: [0.6, 0.6, 0, -0.3],
    accept: [
      [0, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 1],
    ],
  },
];

/** π_τ ∝ exp(logit / τ): one prompt per temperature. */
function problemOf({ logits, accept }: Policy): ProblemSource {
  return {
    format: 'passk-problem@1',
    vocab: VOCAB,
    horizon: HORIZON,
    context: 'none',
    prompts: TEMPERATURES.map((temperature) => ({
      id: `tau-${temperature}`,
      logits: Array.from({ length: HORIZON }, () => logits.map((logit) => logit / temperature)),
      accept: { sequences: accept },
    })),
  };
}

export async function runTemperature({ config, engine, watcher }: Lab): Promise<TemperatureResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const n = config.groupSize;
  const ks = config.ks.filter((k) => k <= n);
  const problems = POLICIES.map((policy) => compileProblem(problemOf(policy)));
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
    description: `V = ${VOCAB}, T = ${HORIZON}, n = ${n}`,
    ks,
    policies,
    findings: policies.map((policy) => finding(policy, ks)),
    ...(await samplingResult(
      sampling,
      [judged.summary],
      jobs.map((job, i) => ({ name: `temperature ${POLICIES[i].id}`, job })),
    )),
  };
}

/** What the exact gap of the largest k does between the highest temperature and the lowest. */
function finding({ description, points }: TemperaturePolicy, ks: readonly number[]): string {
  const k = Math.max(...ks);
  const gaps = points.map(({ gaps: all }) => all.find((entry) => entry.k === k)?.gap ?? 0);
  const [first, last] = [points[0], points[points.length - 1]];
  const peak = gaps.indexOf(Math.max(...gaps));
  const lastGap = gaps[gaps.length - 1];
  const end = lastGap < 0.01 ? 'closes' : `falls to ${lastGap.toFixed(3)} and stays open`;
  const course =
    peak > 0 ? `rises to ${gaps[peak].toFixed(3)} at ${points[peak].temperature}, then ${end}` : end;
  return (
    `${description}: from temperature ${first.temperature} to ${last.temperature} J1 goes from ` +
    `${first.successProb.toFixed(3)} to ${last.successProb.toFixed(3)}, and the gap J_${k} - J_1 from ` +
    `${gaps[0].toFixed(3)} ${course}`
  );
}
