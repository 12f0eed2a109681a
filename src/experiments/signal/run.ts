/**
 * Experiment `signal`: how often a group teaches nothing, and how much a group that does can teach (Yu 2025, Situations I
 * and II).
 *
 * Whether a group has a signal depends on c alone, so the frequency is exactly binomial over the groups. It is held
 * against (1 − J1)^n, the chance of a group without success, and against each estimator's own exact chance.
 */
import { drawId, type DrawIds } from '../../lab/drawIds.ts';
import { endingOf, judge, type Family } from '../../lab/judge.ts';
import type { Lab } from '../../lab/experiment.ts';
import { binomialProbabilities } from '../../math/binomial.ts';
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import { signalToNoise, weightMoments } from '../../theory/estimatorTheory.ts';
import { passAtKWeight } from '../../math/passAtK.ts';
import { compileProblem } from '../../problem/problem.ts';
import { solvePrompt, type PromptTheory } from '../../theory/promptTheory.ts';
import { weightTables, type WeightTable } from '../../estimators/weightTables.ts';
import { bandit, logitGrid } from '../../problem/workloads.ts';
import { everyPrompt, type SamplingJob } from '../../engine/sampler.ts';
import type { PromptTally } from '../../engine/tally.ts';
import { binomialPValue } from '../../math/stats/tails.ts';
import { FAMILY_LEVEL } from '../../math/stats/verdict.ts';
import { estimate, zScore } from '../../lab/checks.ts';
import { formatProb } from '../../view/format.ts';
import { resolves, type GroupLaw } from '../../theory/promptLaw.ts';
import type { SignalCell, SignalEnd, SignalPrompt, SignalResult } from './result.ts';
import { sampleJobs, samplingResult } from '../../lab/sampleJobs.ts';
import type { Preset } from '../../lab/settings.ts';

export const DRAW_IDS = [0x400, 0x4ff] as const satisfies DrawIds;
export const SILENCE: Family = { id: 'silence', question: 'groups without signal, exactly binomial' };
const LOWEST_PROB = 1e-6;
const PROMPTS = 13;
const ARMS = 6;
const CORRECT_ARMS = 2;
const WORKLOAD_SEED = 2025;
const GROUPS: Readonly<Record<Preset, number>> = { quick: 2 ** 15, standard: 2 ** 18, full: 2 ** 21 };

/** What has no signal: named by the rows of the catalogue that share it. */
interface Pattern {
  readonly names: string[];
  /** [n + 1] */
  readonly hasSignal: readonly boolean[];
}

export async function runSignal({ config, engine, watcher }: Lab): Promise<SignalResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const n = config.groupSize;
  const problem = compileProblem(
    bandit(ARMS, CORRECT_ARMS, logitGrid(LOWEST_PROB, 1 - LOWEST_PROB, PROMPTS), WORKLOAD_SEED),
  );
  const solved = problem.prompts.map((prompt) => solvePrompt(problem, prompt));
  const chosen = config.estimators.flatMap((id) => findEstimator(id) ?? []);
  const { tables, notDefined } = weightTables(
    chosen,
    [n],
    config.ks.filter((k) => k <= n),
  );
  const patterns = signalPatterns(tables, n);
  const job: SamplingJob = {
    problem,
    groupSize: n,
    level: 'groups',
    seed: config.seed,
    drawId: drawId(DRAW_IDS, 0),
    ranges: everyPrompt(problem, 0, GROUPS[config.preset]),
  };
  const sampling = await sampleJobs([job], engine, watcher);
  const [ranges] = sampling.jobs;
  const level = FAMILY_LEVEL / Math.max(1, patterns.length * PROMPTS);
  const measured = solved.map((theory, i): Omit<SignalPrompt, 'id'> => ({
    successProb: theory.successProb,
    allFailProb: binomialProbabilities(n, theory.successProb, theory.failureProb)[0],
    groupCount: ranges[i].groupCount,
    cells:
      ranges[i].groupCount === 0
        ? []
        : patterns.map((pattern) => silence(pattern, theory, ranges[i].tally, ranges[i].groupCount, level)),
  }));
  const judged = judge(
    SILENCE,
    measured.flatMap(({ cells }) => cells),
    endingOf(sampling),
  );
  const prompts = measured.map((prompt, i): SignalPrompt => ({
    id: problem.prompts[i].id,
    ...prompt,
    cells: prompt.cells.map(judged.of),
  }));
  const ends = tables.map((table) => signalEnd(table, solved[0], solved[PROMPTS - 1]));
  return {
    experiment: 'signal',
    description: `${ARMS} arms, ${CORRECT_ARMS} correct, n = ${n}`,
    groupSize: n,
    prompts,
    ends,
    findings: findings(ends, n),
    notDefined,
    ...(await samplingResult(sampling, [judged.summary], [{ name: 'signal', job }])),
  };
}

/** Rows with the same groups of no signal are one comparison. "no success" is always among them. */
function signalPatterns(tables: readonly WeightTable[], n: number): Pattern[] {
  const byKey = new Map<string, Pattern>();
  const add = (name: string, hasSignal: readonly boolean[]): void => {
    const key = hasSignal.map(Number).join('');
    const known = byKey.get(key);
    if (known) known.names.push(name);
    else byKey.set(key, { names: [name], hasSignal });
  };
  add(
    'no success',
    Array.from({ length: n + 1 }, (_, c) => c > 0),
  );
  for (const { estimatorId, k, hasSignal } of tables) {
    add(k === null ? estimatorId : `${estimatorId} k = ${k}`, hasSignal);
  }
  return [...byKey.values()];
}

function silence(
  { names, hasSignal }: Pattern,
  theory: PromptTheory,
  tally: PromptTally,
  groupCount: number,
  level: number,
): SignalCell {
  const n = hasSignal.length - 1;
  const probabilities = binomialProbabilities(n, theory.successProb, theory.failureProb);
  let prob = 0;
  let silent = 0;
  hasSignal.forEach((has, c) => {
    if (has) return;
    prob += probabilities[c];
    silent += tally.groups[c];
  });
  prob = Math.min(1, prob);
  const law: GroupLaw = { mean: prob, variance: prob * (1 - prob), bound: Math.max(prob, 1 - prob) };
  const frequency = silent / groupCount;
  return {
    estimators: names,
    silentCounts: hasSignal.flatMap((has, c) => (has ? [] : [c])),
    zeroSignalProb: prob,
    frequency: estimate(frequency, law, groupCount),
    z: zScore(frequency, law, groupCount),
    pValue: binomialPValue(silent, groupCount, prob),
    verdict: prob > 0 && resolves(law, groupCount, level) ? 'agree' : 'inconclusive',
  };
}

/** Exact α and SNR at both ends of J1, in units that make the ends comparable: per expected success, per expected failure. */
function signalEnd(table: WeightTable, low: PromptTheory, high: PromptTheory): SignalEnd {
  const at = (theory: PromptTheory, rarer: number): SignalEnd['low'] => {
    const weights = weightMoments(table, theory.successProb, theory.failureProb);
    const snr = signalToNoise(weights, theory);
    return {
      successProb: theory.successProb,
      alpha: passAtKWeight(theory.successProb, table.k ?? 1, theory.failureProb),
      effectiveAlpha: weights.effectiveAlpha,
      snr,
      snrPerRareSample: snr === null ? null : snr / (table.n * rarer),
    };
  };
  return {
    estimator: table.estimatorId,
    k: table.k,
    weighsAllWrong: table.wrong[0] !== 0,
    low: at(low, low.successProb),
    high: at(high, high.failureProb),
  };
}

const short = (value: number): string => String(Number(value.toPrecision(2)));

/** The claims of Situations I and II, with the numbers that support them: composed from `ends`, nothing is assumed. */
function findings(ends: readonly SignalEnd[], n: number): string[] {
  const quiet = ends.filter(({ weighsAllWrong, low }) => !weighsAllWrong && (low.snrPerRareSample ?? 0) > 0);
  const factors = quiet.map(({ low }) => low.snrPerRareSample ?? 0);
  const sentences: string[] = [];
  if (factors.length > 0) {
    const growing = growsWithK(quiet);
    sentences.push(
      `J1 = ${formatProb(ends[0].low.successProb)}: where a group without success has no weight, SNR is n J1 times a factor of ` +
        `${short(Math.min(...factors))} to ${short(Math.max(...factors))}; ` +
        (growing.length === 0
          ? 'for no estimator does it grow with k.'
          : `it grows with k for ${growing.join(', ')}.`),
    );
  }
  const silentWeights = ends.filter(({ weighsAllWrong }) => weighsAllWrong);
  if (silentWeights.length > 0) {
    sentences.push(
      `${[...new Set(silentWeights.map(({ estimator }) => estimator))].join(', ')} weigh the samples of a group without ` +
        `success: never silent there, with an SNR of ${short(Math.max(...silentWeights.map(({ low }) => low.snr ?? 0)))} at most.`,
    );
  }
  const fading = [...new Set(ends.flatMap(({ estimator, k }) => (k === null ? [] : [estimator])))].flatMap(
    (id) => {
      const own = ends.filter(({ estimator, k }) => estimator === id && k !== null && k > 1);
      const [first, last] = [own.at(0), own.at(-1)];
      return first && last && first !== last ? [{ id, first, last }] : [];
    },
  );
  if (fading.length > 0) {
    const parts = fading.map(
      ({ id, first, last }) =>
        `${id} from ${short(first.high.snr ?? 0)} (k = ${first.k}) to ${short(last.high.snr ?? 0)} (k = ${last.k})`,
    );
    sentences.push(
      `J1 = ${formatProb(ends[0].high.successProb)}, n = ${n}: SNR collapses as k grows: ${parts.join(', ')}.`,
    );
  }
  return sentences;
}

/** Estimators whose SNR at low J1 rises from one k to the next by more than rounding. */
function growsWithK(ends: readonly SignalEnd[]): string[] {
  const ids = [...new Set(ends.map(({ estimator }) => estimator))];
  return ids.filter((id) => {
    const own = ends.filter(({ estimator }) => estimator === id);
    return own.some(
      ({ low }, i) =>
        i > 0 && (low.snrPerRareSample ?? 0) > (own[i - 1].low.snrPerRareSample ?? 0) * (1 + 1e-3),
    );
  });
}
