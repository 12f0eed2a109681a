/**
 * The verdicts of experiment `relation`: p-values of every family from finished tallies, Holm's rule within each family,
 * and the result that reports show.
 */
import { massesSha256, problemSha256 } from '../../problem/problem.ts';
import { SAMPLER_ID } from '../../math/random/stream.ts';
import {
  countPValues,
  gradientChecks,
  passAtKCheck,
  promptTallySha256,
  secondPValues,
} from '../../lab/checks.ts';
import {
  classCellPValues,
  classCheck,
  classMeanResult,
  classSecondPValues,
  measuredClassMean,
  MIXTURE_TOLERANCE,
  mixtureError,
} from '../../lab/classChecks.ts';
import type { SampledPrompt } from './controls.ts';
import { judge, judgeParts, type Ending, type Family, type JudgedParts } from '../../lab/judge.ts';
import { designs, NEEDLE_DEVIATION, passDrawId, type RelationPlan } from './plan.ts';
import type { ProblemSet } from './problems.ts';
import type { ClassCheck, ClassMeanResult, PassAtKCheck, SlopeCheck } from '../../lab/results.ts';
import { cellsOf, countCells, isDecided } from './cells.ts';
import type { ProblemResult, PromptResult, RelationResult } from './result.ts';

export const SLOPES: Family = { id: 'slopes', question: 'slopes on grad J1, against alpha_k' };
export const WIDE_SLOPES: Family = { id: 'wideSlopes', question: 'the same of the wide problems' };
export const COORDINATES: Family = { id: 'coordinates', question: 'coordinates, against alpha_k grad J1' };
export const PASS_AT_K: Family = { id: 'passAtK', question: 'mean of rho(n, c, k), against J_k' };
export const COUNTS: Family = { id: 'counts', question: 'tally cells, exactly binomial' };
export const SECOND: Family = { id: 'second', question: 'second moments, Student t of 128 batches' };
export const CLASSES: Family = { id: 'classes', question: 'slopes given the outcome, against alpha_k' };
export const WIDE_CLASSES: Family = {
  id: 'wideClasses',
  question: 'the same of the wide problems, by class',
};
export const CLASS_CELLS: Family = {
  id: 'classCells',
  question: 'tally cells given the outcome, exactly binomial',
};
export const CLASS_SECOND: Family = {
  id: 'classSecond',
  question: 'second moments given c, Student t of 128 batches',
};

/** What one prompt's tallies say, before anything is judged. */
interface RawPrompt {
  readonly slopes: readonly SlopeCheck[];
  readonly passAtK: readonly PassAtKCheck[];
  readonly coordinates: readonly number[];
  readonly counts: readonly number[];
  readonly second: readonly number[];
  readonly means: readonly ClassMeanResult[];
  readonly classes: readonly ClassCheck[];
  readonly classCounts: readonly number[];
  readonly classSecond: readonly number[];
}

const NOTHING: RawPrompt = {
  ...{ slopes: [], passAtK: [], coordinates: [], counts: [], second: [] },
  ...{ means: [], classes: [], classCounts: [], classSecond: [] },
};

/** The checks of plain sampling. A run cut short shows what it measured, and tests nothing. */
function plainChecks(
  plan: RelationPlan,
  { law, tally, groupCount, set }: SampledPrompt,
  run: Ending,
): Partial<RawPrompt> {
  if (groupCount === 0) return {};
  const levels = plan.levels[set];
  const gradients = law.tables.map((table) => gradientChecks(law, table, tally, groupCount, levels));
  return {
    slopes: gradients.map(({ slope }) => slope),
    passAtK: plan.ks.map((k) => passAtKCheck(law, tally, groupCount, k)),
    ...(run === 'complete'
      ? {
          coordinates: gradients.flatMap(({ coordinatePValues }) => coordinatePValues),
          counts: countPValues(law, tally, groupCount, levels.counts),
          second: secondPValues(law, tally, groupCount),
        }
      : {}),
  };
}

/** The checks given the outcome: from the two main passes the means and slopes, from all three the cells. */
function classChecks(
  plan: RelationPlan,
  { classes, law: { theory }, set }: SampledPrompt,
  run: Ending,
): Partial<RawPrompt> {
  const n = plan.config.groupSize;
  const { law, cells, counts, decided } = classes.plan;
  const [ofCorrect, ofWrong, ofEach] = classes.tallies;
  if (run !== 'complete') return {};
  const designed = designs(counts, n);
  const asDesigned = designed.every((groups, pass) =>
    groups.every((count, c) => classes.tallies[pass].groups[c] === count),
  );
  const classCounts = designed.flatMap((groups, pass) =>
    classCellPValues(law, classes.tallies[pass], groups, plan.classCellLevel),
  );
  // Where c is not what it was designed to be there are no two classes to take means of; the cells say so.
  if (!asDesigned) return { classCounts };
  const correct = measuredClassMean(law, 1, ofCorrect, [n]);
  const wrong = measuredClassMean(law, 0, ofWrong, [0]);
  return {
    means: [classMeanResult(law, 1, correct), classMeanResult(law, 0, wrong)],
    classes: cells.map((cell, i) =>
      classCheck(cell, law, correct, wrong, plan.levels[set].slopes, decided[i]),
    ),
    classCounts,
    classSecond: classSecondPValues(law, theory, ofEach),
  };
}

/**
 * Every p-value first, then Holm within each family, then verdicts. A run cut short reports what it measured, and every
 * verdict is inconclusive: its number of groups was not fixed beforehand.
 */
export async function checkAll(
  plan: RelationPlan,
  sampled: readonly SampledPrompt[],
  run: Ending,
): Promise<Pick<RelationResult, 'problems' | 'families' | 'cells' | 'wideCells' | 'decidedGivenOutcome'>> {
  const raw = sampled.map((prompt): RawPrompt => ({
    ...NOTHING,
    ...plainChecks(plan, prompt, run),
    ...classChecks(plan, prompt, run),
  }));
  const ofSet = (set: ProblemSet): readonly RawPrompt[] => raw.filter((_, i) => sampled[i].set === set);
  const slopes = {
    usual: judge(
      SLOPES,
      ofSet('usual').flatMap((prompt) => prompt.slopes),
      run,
    ),
    wide: judge(
      WIDE_SLOPES,
      ofSet('wide').flatMap((prompt) => prompt.slopes),
      run,
    ),
  };
  const classes = {
    usual: judge(
      CLASSES,
      ofSet('usual').flatMap((prompt) => prompt.classes),
      run,
    ),
    wide: judge(
      WIDE_CLASSES,
      ofSet('wide').flatMap((prompt) => prompt.classes),
      run,
    ),
  };
  const passAtK = judge(
    PASS_AT_K,
    raw.flatMap((prompt) => prompt.passAtK),
    run,
  );
  const parts = (family: Family, of: (prompt: RawPrompt) => readonly number[]): JudgedParts =>
    judgeParts(family, raw.map(of), run);
  const coordinates = parts(COORDINATES, (prompt) => prompt.coordinates);
  const counts = parts(COUNTS, (prompt) => prompt.counts);
  const second = parts(SECOND, (prompt) => prompt.second);
  const classCounts = parts(CLASS_CELLS, (prompt) => prompt.classCounts);
  const classSecond = parts(CLASS_SECOND, (prompt) => prompt.classSecond);

  let next = 0;
  const problems: ProblemResult[] = [];
  for (const { id, set, description, problem, index } of plan.problems) {
    const hashes = { problemSha256: await problemSha256(problem), massesSha256: await massesSha256(problem) };
    const drawId = passDrawId('plain', index);
    const places = problem.prompts.map((_, prompt) => next + prompt);
    next += places.length;
    const plain = places.map((at) => raw[at].passAtK.map(passAtK.of));
    // The law of c, and J1 itself, are taken from theory by every check given the outcome: they must stand here.
    const plainStands =
      places.every((at) => counts.parts[at].rejected === 0) &&
      plain.flat().every(({ verdict }) => verdict !== 'disagree');
    const prompts: PromptResult[] = [];
    for (const [prompt, at] of places.entries()) {
      const { law, tally, groupCount, classes: own } = sampled[at];
      const identity = {
        ...hashes,
        sampler: SAMPLER_ID,
        seed: plan.config.seed,
        experiment: drawId,
        groupSize: plan.config.groupSize,
        prompt,
        firstGroup: 0,
        groupCount,
      };
      const mixture = mixtureError(own.plan.law, law.theory);
      const stands = plainStands && mixture <= MIXTURE_TOLERANCE;
      prompts.push({
        id: problem.prompts[prompt].id,
        successProb: law.theory.successProb,
        gradientNormSq: law.theory.gradientNormSq,
        groupCount,
        tallySha256: await promptTallySha256(identity, tally),
        slopes: raw[at].slopes.map(slopes[set].of),
        passAtK: plain[prompt],
        coordinates: coordinates.parts[at],
        counts: counts.parts[at],
        second: second.parts[at],
        classes: {
          means: raw[at].means,
          cells: raw[at].classes.map((check, i) =>
            worded(classes[set].of(check), own.plan.open[i], own.plan.decidedBy[i], stands),
          ),
          correctCount: own.plan.counts.correct,
          wrongCount: own.plan.counts.wrong,
          isNeedle: own.plan.law.correct.deviation < NEEDLE_DEVIATION,
          mixtureError: mixture,
          counts: classCounts.parts[at],
          second: classSecond.parts[at],
        },
      });
    }
    problems.push({ id, set, description, ...hashes, experiment: drawId, prompts });
  }
  return {
    problems,
    cells: countCells(problems, 'usual'),
    wideCells: countCells(problems, 'wide'),
    decidedGivenOutcome: cellsOf(problems, 'usual').filter(({ byClass }) => isDecided(byClass)).length,
    families:
      run === 'complete'
        ? [
            ...[slopes.usual, slopes.wide, coordinates, passAtK, counts, second],
            ...[classes.usual, classes.wide, classCounts, classSecond],
          ].map((judged) => judged.summary)
        : [],
  };
}

/** A check given the outcome with its last word, and why it is open where it is. */
function worded(
  check: ClassCheck,
  open: ClassCheck['open'],
  decidedBy: ClassCheck['decidedBy'],
  stands: boolean,
): ClassCheck {
  if (check.verdict === 'disagree') return check;
  if (check.verdict === 'agree')
    return stands ? check : { ...check, verdict: 'inconclusive', open: 'plain checks' };
  return { ...check, open, decidedBy, verdict: open === 'out of reach' ? 'out of reach' : 'inconclusive' };
}
