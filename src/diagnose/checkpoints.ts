/** A model's checkpoints in order: what becomes of pass@1, pass@k, the gap between them, and the problems it could solve. */
import { classesOf } from './classes.ts';
import { areNumbered, evaluationName, leastSamples, type Evaluation } from './evaluation.ts';
import { comparePair } from './pairs.ts';
import { classCurves, pooled, resampledMeans } from './passAtKCurve.ts';
import type { DiagnoseSettings } from './settings.ts';

export interface CheckpointRow {
  readonly checkpoint: string;
  readonly passAt1: number;
  readonly passAtK: number;
  readonly gap: number;
  readonly solvedCount: number;
  /** of the problems solved at the first checkpoint, those not solved at this one; and the other way round */
  readonly lost: number;
  readonly gained: number;
}

export interface CheckpointSeries {
  readonly model: string;
  /** least n of all checkpoints; 0 where they have no problem in common */
  readonly k: number;
  /** problems that every checkpoint has; rows are of these */
  readonly problemCount: number;
  /** problems that some checkpoint lacks */
  readonly leftOut: number;
  readonly order: 'by number' | 'as they came';
  readonly rows: readonly CheckpointRow[];
  readonly collapse: 'yes' | 'no' | 'not resolved';
  /** the checkpoint of the highest pass@1, and how much of that is the choosing: a bootstrap of problems; null where there are two */
  readonly best: { readonly checkpoint: string; readonly passAt1: number; readonly bias: number } | null;
  readonly finding: string;
}

/** @param evaluations checkpoints of one model, in order */
export function checkpointSeries(
  model: string,
  evaluations: readonly Evaluation[],
  settings: DiagnoseSettings,
): CheckpointSeries {
  const all = new Set(evaluations.flatMap(({ problems }) => [...problems.keys()]));
  const common = [...all].filter((problem) => evaluations.every(({ problems }) => problems.has(problem)));
  const own = evaluations.map((evaluation): Evaluation => ({
    ...evaluation,
    problems: new Map(
      common.map((problem) => [problem, evaluation.problems.get(problem) ?? { n: 0, correct: 0 }]),
    ),
  }));
  const [first, last] = [evaluations[0], evaluations[evaluations.length - 1]].map(evaluationName);
  const base = {
    model,
    problemCount: common.length,
    leftOut: all.size - common.length,
    order: areNumbered(evaluations.map(({ checkpoint }) => checkpoint))
      ? ('by number' as const)
      : ('as they came' as const),
  };
  if (common.length === 0) {
    const finding = `${model}: its checkpoints have no problem in common, so nothing is said of their course`;
    return { ...base, k: 0, rows: [], collapse: 'not resolved', best: null, finding };
  }
  const k = own.reduce((least, evaluation) => Math.min(least, leastSamples(evaluation)), Infinity);
  const rows = own.map((evaluation) => rowOf(evaluation, own[0], k));
  const ends = comparePair(own[0], own[own.length - 1], { ...settings, ks: [...settings.ks, k] });
  // Differences are of the first less the last.
  const [atOne, atK] = [ends.difference['1'], ends.difference[String(k)]];
  const [rises, drops] = [atOne.high < 0, atOne.low > 0];
  const [falls, grows] = [atK.low > 0, atK.high < 0];
  const collapse = k === 1 ? 'not resolved' : rises && falls ? 'yes' : drops || grows ? 'no' : 'not resolved';
  const verdict =
    k === 1
      ? 'with one sample a problem nothing can be said of exploration'
      : {
          yes: `exploration collapses: pass@1 rises and pass@${k} falls, both beyond their intervals`,
          no: drops ? 'no collapse: pass@1 falls' : `no collapse: pass@${k} rises`,
          'not resolved': `whether exploration collapses is not resolved: ${rises ? 'pass@1 rises' : 'pass@1 does not rise beyond its interval'}, ${falls ? `pass@${k} falls` : `pass@${k} does not fall beyond its`}`,
        }[collapse];
  const change = (of: (row: CheckpointRow) => number): string =>
    `${of(rows[0]).toFixed(3)} to ${of(rows[rows.length - 1]).toFixed(3)}`;
  const { lost, gained } = rows[rows.length - 1];
  const best = rows.length > 2 ? bestOf(own, rows, settings) : null;
  return {
    ...base,
    k,
    rows,
    collapse,
    best,
    finding:
      `${first} to ${last} (checkpoints ${base.order}${base.leftOut > 0 ? `; ${base.leftOut} problems that some lack are left out` : ''}): ` +
      `pass@1 ${change(({ passAt1 }) => passAt1)}, pass@${k} ${change(({ passAtK }) => passAtK)}, gap ${change(({ gap }) => gap)}; ` +
      `${lost} problems lost, ${gained} gained; ${verdict}` +
      (best === null
        ? ''
        : `; the best of ${rows.length} by pass@1 is ${best.checkpoint} with ${best.passAt1.toFixed(3)}, of which some ${(100 * best.bias).toFixed(1)} points are the choosing`),
  };
}

/** max over checkpoints of resampled means, less the same checkpoint's own mean: what choosing the best of them adds. */
function bestOf(
  own: readonly Evaluation[],
  rows: readonly CheckpointRow[],
  settings: DiagnoseSettings,
): NonNullable<CheckpointSeries['best']> {
  const drawn = own.map((evaluation) => {
    const classes = classesOf(evaluation);
    return resampledMeans(classes, classCurves(classes.classes, [1]), [1], settings)[0];
  });
  let sum = 0;
  for (let resample = 0; resample < settings.resampleCount; resample += 1) {
    let chosen = 0;
    for (let j = 1; j < drawn.length; j += 1) if (drawn[j][resample] > drawn[chosen][resample]) chosen = j;
    sum += drawn[chosen][resample] - rows[chosen].passAt1;
  }
  const best = rows.reduce((first, row) => (row.passAt1 > first.passAt1 ? row : first));
  return { checkpoint: best.checkpoint, passAt1: best.passAt1, bias: sum / settings.resampleCount };
}

function rowOf(evaluation: Evaluation, first: Evaluation, k: number): CheckpointRow {
  const { classes, ofProblem } = classesOf(evaluation);
  const [passAt1, passAtK] = pooled(
    classCurves(classes, [1, k]),
    classes.map(({ problemCount }) => problemCount),
    ofProblem.length,
  );
  let [solvedCount, lost, gained] = [0, 0, 0];
  for (const [problem, { correct }] of evaluation.problems) {
    const before = first.problems.get(problem)?.correct ?? 0;
    if (correct > 0) solvedCount += 1;
    if (before > 0 && correct === 0) lost += 1;
    if (before === 0 && correct > 0) gained += 1;
  }
  return {
    checkpoint: evaluation.checkpoint ?? '',
    passAt1,
    passAtK,
    gap: passAtK - passAt1,
    solvedCount,
    lost,
    gained,
  };
}
