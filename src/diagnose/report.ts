/**
 * A diagnosis: what evaluation files say of exploration, and how surely. One type for the terminal, Markdown, the page and
 * JSON. `models`, `pairs` and their fields are fixed names (contract); the rest may grow.
 */
import { InputError } from '../input/inputError.ts';
import { checkpointSeries, type CheckpointSeries } from './checkpoints.ts';
import { classesOf, type Classes } from './classes.ts';
import type { Columns } from './columns.ts';
import { fitBeta, fitMixture, posteriors, type BetaFit, type Mixture } from './difficulty.ts';
import { checkKs, evaluationName, leastSamples, type Evaluation } from './evaluation.ts';
import { comparePair, type Pair } from './pairs.ts';
import { extrapolate, samplesFor, type Extrapolation } from './nextSamples.ts';
import { curveKs, EVERY_K, passAtKCurve, type PassAtKEstimate } from './passAtKCurve.ts';
import { reliabilityAt, type Reliability } from './reliability.ts';
import { diagnoseSettings, type DiagnoseSettings, type SettingNames } from './settings.ts';
import { trainingView, type TrainingView } from './trainingView.ts';

export const DIAGNOSIS_FORMAT = 'passk-diagnosis@1';

/** Problems listed one by one, at most: the pooled numbers hold all. */
const MOST_LISTED = 2000;
const FEW_PROBLEMS = 30;
/** Evaluations of which every two are compared; of more, each with the first and the one before. */
const MOST_ALL_PAIRS = 12;

export interface ProblemRow {
  readonly problem: string;
  readonly n: number;
  readonly correct: number;
  /** mean of p given its counts and the fitted distribution */
  readonly posteriorMean: number;
}

export interface ModelDiagnosis {
  /** "model", or "model @ checkpoint" */
  readonly model: string;
  readonly problemCount: number;
  readonly sampleCount: number;
  /** problems with at least one correct sample */
  readonly solvedCount: number;
  readonly leastSamples: number;
  readonly mostSamples: number;
  readonly passAtK: Readonly<Record<string, PassAtKEstimate>>;
  /** pass@k - pass@1 at the largest k */
  readonly gap: { readonly k: number; readonly value: number };
  readonly difficulty: { readonly mixture: SparseMixture; readonly beta: BetaFit };
  readonly training: TrainingView;
  /** beside pass@k, at 1 and powers of two and the largest k */
  readonly reliability: Readonly<Record<string, Reliability>>;
  /** samples a problem for the error wanted over samples, by the fitted distribution of p; null where very many are not enough */
  readonly samplesNeeded: { readonly points: number; readonly byK: Readonly<Record<string, number | null>> };
  /** k beyond n, where asked for: under a model alone */
  readonly beyond: Readonly<Record<string, Extrapolation>>;
  /** the first MOST_LISTED */
  readonly problems: readonly ProblemRow[];
  readonly findings: readonly string[];
}

/** Grid points that carry weight. */
export interface SparseMixture {
  readonly probs: readonly number[];
  readonly weights: readonly number[];
  readonly logLikelihood: number;
}

export interface SourceNote {
  readonly file: string;
  readonly rowCount: number;
  readonly columns: Columns;
  /** the format that it was known by, or null */
  readonly format: string | null;
}

export interface DiagnosisReport {
  readonly format: typeof DIAGNOSIS_FORMAT;
  readonly sources: readonly SourceNote[];
  readonly settings: DiagnoseSettings;
  /** what standardError, low and high of each kind mean, and by what method */
  readonly methods: Readonly<Record<string, string>>;
  readonly models: readonly ModelDiagnosis[];
  readonly pairs: readonly Pair[];
  /** pairs that were not compared, where evaluations are many */
  readonly pairsLeftOut: number;
  readonly checkpoints: readonly CheckpointSeries[];
  readonly findings: readonly string[];
}

/**
 * @param names what to call settings in an error
 * @param onDone told after each evaluation; what it returns is waited for, so that others get a turn
 * @throws InputError where a k cannot be estimated
 */
export async function diagnoseEvaluations(
  evaluations: readonly Evaluation[],
  sources: readonly SourceNote[],
  settings: DiagnoseSettings,
  names: SettingNames = (name) => diagnoseSettings[name].label,
  onDone: (done: number, total: number) => Promise<void> = () => Promise.resolve(),
): Promise<DiagnosisReport> {
  if (evaluations.length === 0) throw new InputError('input', 'at least one evaluation', 'none');
  checkKs(settings.ks, evaluations, names('k'), names('beyond'));
  // A model and its comparisons together: what was resampled of it is at hand then.
  const compared = pairIndices(evaluations.length);
  const models: ModelDiagnosis[] = [];
  const found: { readonly i: number; readonly later: number; readonly pair: Pair }[] = [];
  for (const [later, evaluation] of evaluations.entries()) {
    models.push(diagnoseModel(evaluation, settings, names));
    for (const [i, j] of compared) {
      if (j === later) found.push({ i, later, pair: comparePair(evaluations[i], evaluation, settings) });
    }
    await onDone(later + 1, evaluations.length);
  }
  const pairs = found.sort((x, y) => x.i - y.i || x.later - y.later).map(({ pair }) => pair);
  const pairsLeftOut = (evaluations.length * (evaluations.length - 1)) / 2 - pairs.length;
  const checkpoints = seriesOf(evaluations, settings);
  return {
    format: DIAGNOSIS_FORMAT,
    sources,
    settings,
    methods: {
      passAtK: `unbiased estimator 1 - C(n-c, k)/C(n, k) (Chen et al. 2021), mean over problems; every k to ${EVERY_K}, beyond in steps of a tenth`,
      overSamples: `problems fixed: what other samples of these problems would give; variance without bias where 2k <= n, else by the fitted distribution of p; score interval of level ${settings.level}`,
      overProblems: `what other problems like these would give: standard error of ${settings.resampleCount} resamples of problems, seed ${settings.seed}; score interval of level ${settings.level} by Student's t`,
      difference: 'percentiles of paired resamples of the problems that both have',
      difficulty:
        'maximum likelihood mixture of binomials on a grid (EM), and a beta distribution; counts of n cannot tell p below 1/n apart',
    },
    models,
    pairs,
    pairsLeftOut,
    checkpoints,
    findings: [
      ...checkpoints.map(({ finding }) => finding),
      ...pairs.map(({ finding }) => finding),
      ...(pairs.length > 1 ? [manyPairs(pairs.length, settings.level, names('level'))] : []),
      ...(pairsLeftOut > 0
        ? [
            `of ${evaluations.length} evaluations each is compared with the first and with the one before; ${pairsLeftOut} other pairs are left out`,
          ]
        : []),
    ],
  };
}

/** Intervals of many pairs, each by itself. */
function manyPairs(count: number, level: number, levelName: string): string {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  return (
    `${count} pairs are compared, each at ${Number((100 * level).toPrecision(6))} % by itself: were all equal, some pair would seem to differ with a chance of up to ` +
    `${percent(Math.min(1, count * (1 - level)))}; ${levelName} ${(1 - (1 - level) / count).toPrecision(4)} holds it at ${percent(1 - level)}`
  );
}

function diagnoseModel(
  evaluation: Evaluation,
  settings: DiagnoseSettings,
  names: SettingNames,
): ModelDiagnosis {
  const own = classesOf(evaluation);
  const { classes } = own;
  const least = leastSamples(evaluation);
  const ks = curveKs(least, settings.ks);
  const mixture = fitMixture(classes);
  const beta = fitBeta(classes);
  const curve = passAtKCurve(own, mixture, ks, settings);
  const sampleCount = classes.reduce((sum, { n, problemCount }) => sum + n * problemCount, 0);
  const solvedCount = classes.reduce(
    (sum, { correct, problemCount }) => sum + (correct > 0 ? problemCount : 0),
    0,
  );
  const training = trainingView(mixture, settings.groupSizes, least);
  const problemCount = evaluation.problems.size;
  const last = ks.length - 1;
  const powers = ks.filter(
    (k) => k === ks[last] || settings.ks.includes(k) || Number.isInteger(Math.log2(k)),
  );
  const needed = powers.map(
    (k) => [String(k), samplesFor(mixture, problemCount, k, settings.level, settings.errorPoints)] as const,
  );
  const beyondKs = settings.beyondKs.filter((k) => k > least);
  const beyond = Object.fromEntries(beyondKs.map((k) => [String(k), extrapolate(mixture, beta, k)]));
  const gap = { k: ks[last], value: curve[last].value - curve[0].value };
  const mostSamples = classes.reduce((most, { n }) => Math.max(most, n), 0);
  return {
    model: evaluationName(evaluation),
    problemCount,
    sampleCount,
    solvedCount,
    leastSamples: least,
    mostSamples,
    passAtK: Object.fromEntries(ks.map((k, j) => [String(k), curve[j]])),
    gap,
    difficulty: { mixture: sparse(mixture), beta },
    training,
    reliability: Object.fromEntries(powers.map((k) => [String(k), reliabilityAt(classes, k)])),
    samplesNeeded: { points: settings.errorPoints, byK: Object.fromEntries(needed) },
    beyond,
    problems: problemRows(evaluation, own, mixture),
    findings: [
      `${solvedCount} of ${counted(problemCount, 'problem')} solved at least once in ${least === mostSamples ? counted(least, 'sample') : `${least} to ${mostSamples} samples`}; ` +
        (ks.length === 1
          ? `pass@1 ${curve[0].value.toFixed(3)}`
          : `pass@1 ${curve[0].value.toFixed(3)}, pass@${gap.k} ${curve[last].value.toFixed(3)}, a gap of ${gap.value.toFixed(3)}`),
      ...(problemCount < FEW_PROBLEMS
        ? [`only ${counted(problemCount, 'problem')}: what is said of other problems is rough`]
        : []),
      ...(mostSamples === 1 ? ['one sample a problem: nothing tells how sure its own answers are'] : []),
      ...cutShort(evaluation, least, mostSamples, names('leastN')),
      samplesText(settings, least, curve[0], needed),
      ...beyondTexts(beyond),
      misfit(mixture, beta),
      ...training.advice,
    ],
  };
}

/** "1 problem", "8 problems" */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** So many problems are named. */
const MOST_NAMED = 3;

/** Which problems cut the curve short. */
function cutShort({ problems }: Evaluation, least: number, most: number, leastName: string): string[] {
  if (least === most) return [];
  const short = [...problems].filter(([, { n }]) => n === least).map(([problem]) => problem);
  const named = short.slice(0, MOST_NAMED).join(', ');
  const more = short.length > MOST_NAMED ? ` and ${short.length - MOST_NAMED} more` : '';
  const next = [...problems.values()].reduce((own, { n }) => (n > least ? Math.min(own, n) : own), Infinity);
  return [
    `k ends at ${least}, the n of ${counted(short.length, 'problem')} (${named}${more}); ${leastName} ${next} leaves ${short.length === 1 ? 'it' : 'them'} out`,
  ];
}

/** "for 1 point over samples n = 24; more will not narrow the 9 points over problems" */
function samplesText(
  { errorPoints, level }: DiagnoseSettings,
  least: number,
  { overProblems }: PassAtKEstimate,
  needed: readonly (readonly [k: string, n: number | null])[],
): string {
  const words = ([k, n]: (typeof needed)[number]): string =>
    n === null ? `more than 16384 for pass@${k}` : `${n} for pass@${k}`;
  const [first] = needed;
  const last = needed.at(-1);
  const wide = (100 * (overProblems.high - overProblems.low)) / 2;
  return (
    `for ${counted(errorPoints, 'point')} over samples (half of ${Number((100 * level).toPrecision(6))} %, by the fitted distribution of p) n = ` +
    [words(first), ...(last && last !== first ? [words(last)] : [])].join(', ') +
    ` (there are ${least}); more will not narrow the ${wide.toFixed(1)} points over problems`
  );
}

function beyondTexts(beyond: Readonly<Record<string, Extrapolation>>): string[] {
  return Object.entries(beyond).map(
    ([k, { mixture, beta }]) =>
      `beyond n, under a model and no estimate: pass@${k} would be ${mixture.toFixed(3)} under the fitted mixture of p, ${beta.toFixed(3)} under the fitted beta distribution`,
  );
}

function misfit(
  mixture: Mixture,
  { a, b, noneCorrect, allCorrect, largestDifference, logLikelihood }: BetaFit,
): string {
  const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return (
    `difficulty as a beta distribution (${a.toPrecision(2)}, ${b.toPrecision(2)}) is off by up to ${share(largestDifference)} of the problems: ` +
    `none correct ${share(noneCorrect.fitted)} fitted, ${share(noneCorrect.observed)} observed; all correct ${share(allCorrect.fitted)} and ` +
    `${share(allCorrect.observed)}; the nonparametric fit is ${Math.max(0, mixture.logLikelihood - logLikelihood).toPrecision(2)} nats of log-likelihood a problem better`
  );
}

function sparse({ probs, weights, logLikelihood }: Mixture): SparseMixture {
  const kept = Array.from(weights, (weight, g) => ({ weight, prob: probs[g] })).filter(
    ({ weight }) => weight > 1e-6,
  );
  return {
    probs: kept.map(({ prob }) => prob),
    weights: kept.map(({ weight }) => weight),
    logLikelihood,
  };
}

function problemRows(
  { problems }: Evaluation,
  { classes, ofProblem }: Classes,
  mixture: Mixture,
): ProblemRow[] {
  const means = posteriors(classes, mixture).map((weights) =>
    weights.reduce((sum, weight, g) => sum + weight * mixture.probs[g], 0),
  );
  return [...problems].slice(0, MOST_LISTED).map(([problem, { n, correct }], i) => ({
    problem,
    n,
    correct,
    posteriorMean: means[ofProblem[i]],
  }));
}

function pairIndices(count: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let j = 1; j < count; j += 1) {
    for (let i = 0; i < j; i += 1) {
      if (count <= MOST_ALL_PAIRS || i === 0 || i === j - 1) pairs.push([i, j]);
    }
  }
  return pairs;
}

function seriesOf(evaluations: readonly Evaluation[], settings: DiagnoseSettings): CheckpointSeries[] {
  const models = [...new Set(evaluations.map(({ model }) => model))];
  return models.flatMap((model) => {
    const own = evaluations.filter((entry) => entry.model === model && entry.checkpoint !== null);
    if (own.length < 2) return [];
    return [checkpointSeries(model, own, settings)];
  });
}
