/** Theorem 3.1 with data on it: measured slopes over the exact curves, and what was decided. */
import { PRESETS, type Config } from '../../lab/settings.ts';
import type { ClassCheck, SlopeCheck } from '../../lab/results.ts';
import { formatConcise, formatCount, formatNumber, formatWithError } from '../../view/format.ts';
import { table, type Cell, type Choice, type Section, type Table } from '../../view/section.ts';
import { slopesFigure } from './figures.ts';
import { relationShown } from './shown.ts';
import { cellsOf, verdictOf } from './cells.ts';
import type { CellCounts, ProblemResult, PromptResult, RelationResult } from './result.ts';

export function relationView(result: RelationResult, { ks }: Config): Section {
  const { complete, problems, notDefined } = result;
  const shown = relationShown(result, ks);
  return {
    title: 'Is the pass@k gradient a multiple of the pass@1 gradient?',
    parts: [
      ...(complete ? foundWords(result) : []),
      ...notDefined.map(
        ({ estimator, k, reason }) =>
          `Not defined: ${estimator}${k === null ? '' : ` at k = ${k}`}, ${reason}.`,
      ),
      ...(slopesOf(problems).length > 0
        ? [
            {
              kind: 'chosen' as const,
              choosers: slopesFigure.choosers(shown),
              show: (choice: Choice) => [
                slopesFigure.draw(shown, choice),
                slopeTable(problems, choice.Estimator),
                ...(complete ? [classTable(problems, choice.Estimator)] : []),
              ],
            },
          ]
        : []),
      'Curves: the exact α_k. Points: slope of the measured gradient on ∇J1 with its interval (99.9 % at least), by plain sampling ' +
        'where that decides it, else given the outcome; what spans half the axis is in the tables alone. Problems of equal J1 stand ' +
        'side by side.',
      ...(complete
        ? [
            {
              kind: 'fold' as const,
              title: 'The two class means of each prompt',
              parts: [meansTable(problems)],
            },
          ]
        : []),
    ],
  };
}

const ofSet = (problems: readonly ProblemResult[], set: 'usual' | 'wide'): PromptResult[] =>
  problems.filter((problem) => problem.set === set).flatMap(({ prompts }) => prompts);

/** What was decided, and how: plain sampling and sampling given the outcome are never added up without a word. */
function foundWords({ problems, cells, wideCells, decidedGivenOutcome }: RelationResult): string[] {
  const usual = ofSet(problems, 'usual');
  const wide = ofSet(problems, 'wide');
  return [
    `Of ${cells.total} slopes plain sampling decides ${cells.plain}. Given the outcome ${decidedGivenOutcome} are decided, ` +
      `${cells.byClass} of them only so: there the law of c (how many of a group are correct) is theory's, and the plain run ` +
      `of the same problems tests it apart. They rest on two class means of each prompt, ${2 * usual.length} numbers, not on ` +
      'as many findings as slopes.',
    ...openWords(problems, cells),
    needleWords(usual),
    ...(wideCells.total > 0
      ? [
          `Two further problems keep many correct trajectories of different scores up to J1 = 1 - 1e-4. Of their ` +
            `${wideCells.total} slopes plain sampling decides ${wideCells.plain}, ${wideCells.byClass} more are decided given the ` +
            `outcome, ${wideCells.outOfReach} are out of reach, ${wideCells.inconclusive} inconclusive, ${wideCells.disagree} ` +
            `disagree (${wide.filter(({ classes }) => classes.isNeedle).length} of these ${wide.length} prompts are needles).`,
        ]
      : []),
  ];
}

/** What is not decided of the usual prompts: what no run decides, and what a longer one does. */
function openWords(
  problems: readonly ProblemResult[],
  { outOfReach, inconclusive, disagree }: CellCounts,
): string[] {
  const cells = cellsOf(problems, 'usual');
  const checksWith = (verdict: string): ClassCheck[] =>
    cells.flatMap((cell) => (verdictOf(cell) === verdict && cell.byClass ? [cell.byClass] : []));
  const noises = checksWith('out of reach').flatMap(({ log10Noise }) =>
    log10Noise === null ? [] : [log10Noise],
  );
  const undecided = checksWith('inconclusive');
  const doubtful = undecided.filter(({ open }) => open === 'plain checks').length;
  const beyond = undecided.filter(
    ({ open, decidedBy }) => open !== 'plain checks' && decidedBy === null,
  ).length;
  const by = [
    ...PRESETS.flatMap((preset) => {
      const count = undecided.filter(({ decidedBy }) => decidedBy === preset).length;
      return count > 0 ? [`--preset ${preset} decides ${count}`] : [];
    }),
    ...(beyond > 0 ? [`${beyond} need a larger --class-tokens-per-prompt`] : []),
    ...(doubtful > 0 ? [`${doubtful} wait for plain checks that were rejected`] : []),
  ];
  return [
    ...(outOfReach > 0
      ? [
          `${outOfReach} are out of reach: even given the outcome they need more than 1e9 trajectories of their prompt, for the ` +
            `noise of one is ${powerOfTen(Math.min(...noises))} to ${powerOfTen(Math.max(...noises))} times the signal.`,
        ]
      : []),
    `${inconclusive} are inconclusive${by.length > 0 ? ` (${by.join(', ')})` : ''}, ${disagree} disagree.`,
  ];
}

function needleWords(prompts: readonly PromptResult[]): string {
  const needles = prompts.filter(({ classes }) => classes.isNeedle);
  const decided = needles.flatMap(({ slopes, classes }) =>
    slopes.filter(({ verdict }, i) => verdict === 'agree' || classes.cells.at(i)?.verdict === 'agree'),
  );
  return (
    `${decided.length} of those decided stand in ${needles.length} prompts of which nearly all correct trajectories have one ` +
    'score (needles, CV1 < 0.01): there a slope proves little.'
  );
}

const powerOfTen = (log: number): string =>
  log < 5 ? formatNumber(Number((10 ** log).toPrecision(3))) : `1e${log.toFixed(0)}`;

/** Rows prompts, columns k: measured slope ± standard error, exact alpha below, verdict. */
function slopeTable(problems: readonly ProblemResult[], id: string): Table {
  const own = (slopes: readonly SlopeCheck[]): readonly SlopeCheck[] =>
    slopes.filter(({ estimator }) => estimator === id);
  const ks = [...new Set(own(slopesOf(problems)).map(({ k }) => k))];
  return table(
    `${id}: measured slope ± 1 SE, and the exact value below`,
    ['prompt', 'J1', 'groups', ...ks.map((k) => (k === null ? 'slope' : `k = ${k}`))],
    problems.flatMap((problem) =>
      problem.prompts.map((prompt) => [
        `${problem.id} ${prompt.id}`,
        formatNumber(prompt.successProb),
        formatCount(prompt.groupCount),
        ...ks.map((k) => slopeCell(own(prompt.slopes).find((slope) => slope.k === k))),
      ]),
    ),
  );
}

function slopeCell(check: SlopeCheck | undefined): Cell {
  if (!check) return '–';
  const { slope, alpha, verdict, neededGroups, pValue } = check;
  return {
    text: formatWithError(slope.value, slope.standardError),
    verdict,
    note: formatNumber(alpha),
    hint:
      verdict === 'inconclusive'
        ? `needs ${neededGroups === null ? 'more than 1e15' : formatCount(neededGroups)} groups`
        : `p = ${formatNumber(pValue)}`,
  };
}

/** Rows prompts, columns k: slope over alpha_k given the outcome, or why there is no verdict. */
function classTable(problems: readonly ProblemResult[], id: string): Table {
  const own = (cells: readonly ClassCheck[]): readonly ClassCheck[] =>
    cells.filter(({ estimator }) => estimator === id);
  const all = problems.flatMap(({ prompts }) => prompts.flatMap(({ classes }) => own(classes.cells)));
  const ks = [...new Set(all.map(({ k }) => k))];
  return table(
    `${id}, given the outcome: slope / α ± 1 SE, which should be 1`,
    ['prompt', 'J1', 'correct, wrong drawn', ...ks.map((k) => (k === null ? 'slope / α' : `k = ${k}`))],
    problems.flatMap((problem) =>
      problem.prompts.map(({ id: prompt, successProb, classes }) => [
        `${problem.id} ${prompt}${classes.isNeedle ? ' (needle)' : ''}`,
        formatNumber(successProb),
        `${formatCount(classes.correctCount)}, ${formatCount(classes.wrongCount)}`,
        ...ks.map((k) => classCellOf(own(classes.cells).find((check) => check.k === k))),
      ]),
    ),
  );
}

function classCellOf(check: ClassCheck | undefined): Cell {
  if (!check) return '–';
  const { ratio, verdict, pValue, log10Noise, log10Needed, open, decidedBy } = check;
  const isOpen = verdict === 'inconclusive' || verdict === 'out of reach';
  return {
    text:
      isOpen || ratio === null
        ? log10Noise === null
          ? 'n/a'
          : `noise ${powerOfTen(log10Noise)}`
        : formatConcise(ratio.value, ratio.standardError),
    verdict,
    hint: isOpen
      ? `${open ?? 'open'}: needs ${log10Needed === null ? 'more' : powerOfTen(log10Needed)} trajectories` +
        (decidedBy === null ? '' : `; --preset ${decidedBy} decides it`)
      : `p = ${formatNumber(pValue)}`,
  };
}

/** What all slopes given the outcome rest on. */
function meansTable(problems: readonly ProblemResult[]): Table {
  return table(
    'e1 = p E[x | correct] - 1 and e0 = q E[x | wrong] + 1, x = s·∇J1 / |∇J1|²; both should be 0 (99.9 % intervals)',
    ['prompt', 'J1', 'CV1', 'e1', 'CV0', 'e0'],
    problems.flatMap((problem) =>
      problem.prompts.map(({ id, successProb, classes }) => [
        `${problem.id} ${id}${classes.isNeedle ? ' (needle)' : ''}`,
        formatNumber(successProb),
        ...classes.means.flatMap(({ deviation, error }) => [
          formatNumber(deviation),
          `${formatNumber(error.value)} (${formatNumber(error.low)} to ${formatNumber(error.high)})`,
        ]),
      ]),
    ),
  );
}

const slopesOf = (problems: readonly ProblemResult[]): SlopeCheck[] =>
  problems.flatMap(({ prompts }) => prompts.flatMap(({ slopes }) => slopes));

export function relationSummary(result: RelationResult, _config: Config): Section {
  const { complete, problems, notDefined } = result;
  const usual = ofSet(problems, 'usual');
  return {
    title: `Theorem 3.1, E[G_k] = alpha_k grad J1, on ${usual.length} prompts with J1 from 1e-4 to 1 - 1e-4:`,
    parts: [
      ...(complete
        ? [...foundWords(result), meansWords(usual)]
        : ['the run was cut short, so there is no verdict.']),
      ...(usual.some(({ slopes }) => slopes.length > 0) ? [agreementTable(usual)] : []),
      ...notDefined.map(
        ({ estimator, k, reason }) => `not defined: ${estimator}${k === null ? '' : ` k = ${k}`}, ${reason}`,
      ),
    ],
  };
}

function meansWords(prompts: readonly PromptResult[]): string {
  const means = prompts.flatMap(({ classes }) => classes.means);
  const largest = means.reduce(
    (most, { error, offset }) =>
      error.standardError > 0 ? Math.max(most, Math.abs(error.value - offset) / error.standardError) : most,
    0,
  );
  const holding = means.filter(({ error, offset }) => error.low <= offset && offset <= error.high).length;
  return (
    `Class means: ${holding} of ${means.length} intervals of 99.9 % hold the exact value; the largest deviation is ` +
    `${largest.toFixed(1)} standard errors.`
  );
}

/** Rows estimators: how many of their slopes each way of sampling decides, and what is left. */
function agreementTable(prompts: readonly PromptResult[]): Table {
  const slopes = prompts.flatMap(({ slopes: own, classes }) =>
    own.map((plain, i) => ({ plain, byClass: classes.cells.at(i) })),
  );
  const ids = [...new Set(slopes.map(({ plain }) => plain.estimator))];
  const verdictIs = (check: { readonly verdict: string } | undefined, verdict: string): boolean =>
    check?.verdict === verdict;
  return table(
    'Slopes by estimator: decided by plain sampling | given the outcome (all, those of plain sampling among them)',
    ['', 'slopes', 'plain', 'given', 'out of reach', 'open', 'disagree', 'max |z| plain', 'given'],
    ids.map((id) => {
      const own = slopes.filter(({ plain }) => plain.estimator === id);
      const count = (holds: (cell: (typeof own)[number]) => boolean): string =>
        String(own.filter(holds).length);
      const isAgreed = ({ plain, byClass }: (typeof own)[number]): boolean =>
        verdictIs(plain, 'agree') || verdictIs(byClass, 'agree');
      const largest = (values: readonly (number | null | undefined)[]): string =>
        Math.max(0, ...values.map((z) => Math.abs(z ?? 0))).toFixed(1);
      return [
        id,
        String(own.length),
        count(({ plain }) => verdictIs(plain, 'agree')),
        count(({ byClass }) => verdictIs(byClass, 'agree')),
        count((cell) => !isAgreed(cell) && verdictIs(cell.byClass, 'out of reach')),
        count((cell) => !isAgreed(cell) && verdictIs(cell.byClass, 'inconclusive')),
        count(({ plain, byClass }) => verdictIs(plain, 'disagree') || verdictIs(byClass, 'disagree')),
        largest(own.map(({ plain }) => plain.z)),
        largest(own.map(({ byClass }) => byClass?.z)),
      ];
    }),
  );
}
