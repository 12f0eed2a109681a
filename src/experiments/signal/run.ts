/**
 * Experiment `signal`: how often a group teaches nothing, and how much a group that does can teach (Yu 2025, Situations I
 * and II).
 *
 * Whether a group has a signal depends on c alone, so the frequency is exactly binomial over the groups. It is held
 * against (1 − J1)^n, the chance of a group without success, and against each estimator's own exact chance. At the ends of J1,
 * where plain sampling sees one outcome only, slopes and variances are measured by classes (ends.ts); what is silent there follows
 * from c alone, so its chance is computed and nothing else.
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
import { endJob, endsOf, measureEnds, needleProblem } from './ends.ts';
import type { SignalCell, SignalEnd, SignalPrompt, SignalResult } from './result.ts';
import { sampleJobs, samplingResult } from '../../lab/sampleJobs.ts';
import type { Preset } from '../../lab/settings.ts';

export const DRAW_IDS = [0x400, 0x4ff] as const satisfies DrawIds;
/** Where the ids of the ends begin. */
const END_IDS = 0x80;
export const SILENCE: Family = { id: 'silence', question: 'groups without signal, exactly binomial' };
const LOWEST_PROB = 1e-9;
const PROMPTS = 19;
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
  const endPrompts = [...endsOf(problem, [0, PROMPTS - 1]), ...endsOf(needleProblem(), [0])];
  const endJobs = [...new Set(endPrompts.map((end) => end.problem))].map((own, index) =>
    endJob(
      own,
      endPrompts,
      { groupSize: n, seed: config.seed, drawId: drawId(DRAW_IDS, END_IDS + index) },
      config.preset,
    ),
  );
  const sampling = await sampleJobs([job, ...endJobs], engine, watcher);
  const [ranges, ...endRanges] = sampling.jobs;
  const ending = endingOf(sampling);
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
    ending,
  );
  const prompts = measured.map((prompt, i): SignalPrompt => ({
    id: problem.prompts[i].id,
    ...prompt,
    cells: prompt.cells.map(judged.of),
  }));
  const measuredEnds = measureEnds(endPrompts, endJobs, endRanges, tables, ending);
  const ends = tables.map((table) => signalEnd(table, solved[0], solved[PROMPTS - 1]));
  return {
    experiment: 'signal',
    description: `${ARMS} arms, ${CORRECT_ARMS} correct, n = ${n}`,
    groupSize: n,
    prompts,
    ends,
    given: measuredEnds.results,
    findings: findings(ends, n),
    notDefined,
    ...(await samplingResult(
      sampling,
      [judged.summary, ...measuredEnds.families],
      [{ name: 'signal', job }, ...endJobs.map((own, index) => ({ name: `signal end ${index}`, job: own }))],
    )),
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
      order: null,
    };
  };
  return {
    estimator: table.estimatorId,
    k: table.k,
    weighsAllWrong: table.wrong[0] !== 0,
    low: at(low, low.successProb),
    high: { ...at(high, high.failureProb), order: orderAtOne(table, high) },
  };
}

/** m of SNR ~ q^m as q = 1 − J1 → 0: how the exact SNR moves from q to q/10 at the policy's own trajectories. */
function orderAtOne(table: WeightTable, theory: PromptTheory): number | null {
  const snrAt = (q: number): number => {
    const moved: PromptTheory = {
      ...theory,
      successProb: 1 - q,
      failureProb: q,
    };
    return signalToNoise(weightMoments(table, 1 - q, q), moved) ?? 0;
  };
  const [near, nearer] = [snrAt(1e-5), snrAt(1e-6)];
  return near > 0 && nearer > 0 ? Math.round(Math.log10(near / nearer)) : null;
}

const short = (value: number): string => String(Number(value.toPrecision(2)));

/**
 * Situations I and II, with the numbers that support them: composed from `ends`. As p → 0, exactly,
 *   SNR = n p |μ_1|² / (F_1 + (n−1) ρ² F_0),   ρ = w0(1)/w1(1)
 * for every estimator whose weights vanish at c = 0.
 */
function findings(ends: readonly SignalEnd[], n: number): string[] {
  const quiet = ends.filter(({ weighsAllWrong, low }) => !weighsAllWrong && (low.snrPerRareSample ?? 0) > 0);
  const sentences: string[] = [];
  if (quiet.length > 0) {
    const factors = quiet.map(({ low }) => low.snrPerRareSample ?? 0);
    const growing = courses(quiet, ({ low }) => low.snrPerRareSample ?? 0).filter(
      ({ last, first }) => last > first * (1 + 1e-3),
    );
    const losing = courses(quiet, ({ low }) => low.snrPerRareSample ?? 0).filter(
      ({ last, first }) => last < first * (1 - 1e-3),
    );
    sentences.push(
      `J1 = ${formatProb(ends[0].low.successProb)}: where a group without success has no weight, SNR is n J1 times a factor of ` +
        `${short(Math.min(...factors))} to ${short(Math.max(...factors))} (|mu_1|^2 / (F_1 + (n-1) rho^2 F_0), rho = w0(1)/w1(1)): ` +
        `for no k without a success, k = 1 too. ` +
        (growing.length === 0
          ? 'It grows with k for none'
          : `It grows with k for ${growing.map(({ id }) => id).join(', ')}`) +
        (losing.length === 0
          ? ', and falls for none.'
          : `; from k = ${losing[0].firstK} to ${losing[0].lastK} it falls for ${losing
              .map(({ id, first, last }) => `${id}, from ${short(first)} to ${short(last)}`)
              .join('; ')}.`),
    );
  }
  const silentWeights = ends.filter(({ weighsAllWrong }) => weighsAllWrong);
  if (silentWeights.length > 0) {
    sentences.push(
      `${[...new Set(silentWeights.map(({ estimator }) => estimator))].join(', ')} weigh the samples of a group without ` +
        `success: never silent there, with an SNR of ${short(Math.max(...silentWeights.map(({ low }) => low.snr ?? 0)))} at most.`,
    );
  }
  const orders = new Map<number, string[]>();
  for (const { estimator, k, high } of ends) {
    if (high.order === null) continue;
    const name = k === null ? estimator : `${estimator} k = ${k}`;
    orders.set(high.order, [...(orders.get(high.order) ?? []), name]);
  }
  if (orders.size > 0) {
    const listed = [...orders]
      .sort(([a], [b]) => a - b)
      .map(([order, names]) => `q^${order}: ${shortened(names)}`);
    sentences.push(
      `J1 -> 1, q = 1 - J1, n = ${n}: SNR vanishes with a power of q. ${listed.join('; ')}. A power of 1 or 2 is there at k = 1, too; ` +
        "what is pass@k's own are the further powers.",
    );
  }
  return sentences;
}

const MOST_NAMES = 4;
const shortened = (names: readonly string[]): string =>
  names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;

/** For each estimator with several k the first and the last value of something. */
function courses(
  ends: readonly SignalEnd[],
  value: (end: SignalEnd) => number,
): {
  readonly id: string;
  readonly first: number;
  readonly last: number;
  readonly firstK: number;
  readonly lastK: number;
}[] {
  return [...new Set(ends.map(({ estimator }) => estimator))].flatMap((id) => {
    const own = ends.filter(({ estimator, k }) => estimator === id && k !== null);
    const [first, last] = [own.at(0), own.at(-1)];
    if (!first || !last || first === last) return [];
    return [{ id, first: value(first), last: value(last), firstK: first.k ?? 1, lastK: last.k ?? 1 }];
  });
}
