/** A diagnosis as tables and sentences, which terminal, page and Markdown write down each in its way; and as Markdown. */
import { markdownText, tableMarkdown } from '../view/markdown.ts';
import type { Table } from '../view/section.ts';
import type { Pair } from './pairs.ts';
import { counted, type DiagnosisReport, type ModelDiagnosis } from './report.ts';

/** k shown: 1, powers of two and the largest. */
export function shownKs(record: Readonly<Record<string, unknown>>, wanted: readonly number[]): string[] {
  const ks = Object.keys(record).map(Number);
  const most = Math.max(...ks);
  return ks
    .filter((k) => k === most || wanted.includes(k) || Number.isInteger(Math.log2(k)))
    .sort((a, b) => a - b)
    .map(String);
}

/** .57 as 57, not as 56.99999999999999 */
const levelText = (level: number): string => String(Number((100 * level).toPrecision(6)));
const share = (value: number): string => (100 * value).toFixed(1);
const interval = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `${share(low)} to ${share(high)}`;

export function sourcesLine({ sources }: DiagnosisReport): string {
  return sources
    .map(
      ({ file, rowCount, columns, format }) =>
        `${file}: ${format === null ? `${counted(rowCount, 'row')}, ${columns.shape === 'counts' ? 'one a problem' : 'one a sample'}` : `${format}, ${counted(rowCount, 'row')}`}` +
        (columns.guesses.length > 0 ? ` (${columns.guesses.join('; ')})` : ''),
    )
    .join('\n');
}

function curveTable(model: ModelDiagnosis, wanted: readonly number[]): Table {
  const level = Object.values(model.passAtK)[0].level;
  return {
    kind: 'table',
    title: `${model.model}: ${counted(model.problemCount, 'problem')}, ${counted(model.sampleCount, 'sample')}`,
    head: [
      'k',
      'pass@k %',
      'SE',
      `over problems, ${levelText(level)} %`,
      'SE',
      `over samples, ${levelText(level)} %`,
    ],
    rows: shownKs(model.passAtK, wanted).map((k) => {
      const { value, overProblems, overSamples } = model.passAtK[k];
      return [
        k,
        share(value),
        share(overProblems.standardError),
        interval(overProblems),
        share(overSamples.standardError),
        interval(overSamples),
      ];
    }),
  };
}

/** Whether all of k are right, or enough; drawing with replacement beside it. No table of one k. */
function reliabilityTables({ model, reliability }: ModelDiagnosis): Table[] {
  const entries = Object.entries(reliability);
  if (entries.length < 2) return [];
  return [
    {
      kind: 'table',
      title: `${model}: k of k, and enough of k, %`,
      head: [
        'k',
        'pass@k',
        'pass^k (all)',
        'G-Pass@k .5',
        'G-Pass@k .75',
        'mG-Pass@k',
        'best@k (with replacement)',
      ],
      rows: entries.map(([k, { passAtK, passHatK, gPassAtK, mGPassAtK, bestAtK }]) => [
        k,
        share(passAtK),
        share(passHatK),
        share(gPassAtK['0.5']),
        share(gPassAtK['0.75']),
        k === '1' ? '-' : share(mGPassAtK),
        share(bestAtK),
      ]),
    },
  ];
}

function pairTable(pair: Pair, wanted: readonly number[]): Table {
  const { a, b, problemCount, difference } = pair;
  const level = Object.values(difference).at(0)?.level ?? 0;
  return {
    kind: 'table',
    title: `${a} less ${b}, ${problemCount} problems in common${pair.onlyInA + pair.onlyInB > 0 ? ` (${pair.onlyInA} and ${pair.onlyInB} left out)` : ''} (higher rate of success on ${pair.winsOfA}, lower on ${pair.winsOfB}, equal on ${pair.ties}; solved by both ${pair.solvedByBoth}, only by ${a} ${pair.solvedOnlyByA}, only by ${b} ${pair.solvedOnlyByB}, by neither ${pair.solvedByNeither})`,
    head: ['k', 'difference, points', 'SE', `${levelText(level)} %`],
    rows: shownKs(difference, wanted).map((k) => {
      const entry = difference[k];
      return [k, share(entry.value), share(entry.standardError), interval(entry)];
    }),
  };
}

/** Each stands for those that weigh problems alike. */
const SHOWN_ESTIMATORS = [
  'rloo',
  'grpo',
  'maxrl',
  'rft',
  'pkpo',
  'pkpo-loo1',
  'ordergrad',
  'passk-training',
  'nsr',
];

/** One n in full: the report has all. */
function trainingTables({ model, training }: ModelDiagnosis): Table[] {
  const sizes = training.groups.map(({ n }) => n);
  const n = sizes.includes(16) ? 16 : sizes[Math.floor(sizes.length / 2)];
  const kShown = (k: number | null): boolean => k === null || k === 4 || k === Math.floor(n / 2);
  const cells = training.cells.filter(
    (cell) => cell.n === n && kShown(cell.k) && SHOWN_ESTIMATORS.includes(cell.estimator),
  );
  const name = ({ estimator, k }: { readonly estimator: string; readonly k: number | null }): string =>
    k === null ? estimator : `${estimator} k=${k}`;
  return [
    {
      kind: 'table',
      title: `What training on ${model} would see: silent groups (no sample has weight), %`,
      head: ['n', 'no success', 'all correct', 'either (rloo, GRPO)'],
      rows: training.groups.map(({ n: size, noneCorrect, allCorrect, extrapolated }) => [
        extrapolated ? `${size} (extrapolated)` : String(size),
        share(noneCorrect),
        share(allCorrect),
        share(noneCorrect + allCorrect),
      ]),
    },
    {
      kind: 'table',
      title: `${model} at n = ${n}: silent groups, share of |alpha_eff| by difficulty (p), and ${training.assumption}`,
      head: [
        'estimator',
        'silent %',
        ...(cells.at(0)?.shares.map(({ low, high }) => `p ${low} to ${high}`) ?? []),
        'signal %',
      ],
      rows: [
        ['share of problems', '', ...(cells.at(0)?.shares.map(({ problems }) => share(problems)) ?? []), ''],
        ...cells.map((cell) => [
          name(cell),
          share(cell.silent),
          ...cell.shares.map(({ weight }) => share(weight)),
          share(cell.signal),
        ]),
      ],
    },
  ];
}

function checkpointTables({ checkpoints }: DiagnosisReport): Table[] {
  return checkpoints.map(({ model, k, rows }) => ({
    kind: 'table',
    title: `${model}, checkpoint by checkpoint (lost and gained against the first)`,
    head: ['checkpoint', 'pass@1 %', `pass@${k} %`, 'gap', 'solved', 'lost', 'gained'],
    rows: rows.map(({ checkpoint, passAt1, passAtK, gap, solvedCount, lost, gained }) => [
      checkpoint,
      share(passAt1),
      share(passAtK),
      share(gap),
      String(solvedCount),
      String(lost),
      String(gained),
    ]),
  }));
}

/** All tables of a report, for whoever draws tables. */
export function diagnosisTables(report: DiagnosisReport): Table[] {
  const wanted = report.settings.ks;
  return [
    ...report.models.flatMap((model) => [curveTable(model, wanted), ...reliabilityTables(model)]),
    ...checkpointTables(report),
    ...report.pairs.filter(({ problemCount }) => problemCount > 0).map((pair) => pairTable(pair, wanted)),
    // What training would see is said of each model where they are few, else of the first.
    ...report.models.slice(0, report.models.length <= 2 ? 2 : 1).flatMap(trainingTables),
  ];
}

export function findingsOf(report: DiagnosisReport): string[] {
  return [
    ...report.findings,
    ...report.models.flatMap(({ model, findings }) => findings.map((finding) => `${model}: ${finding}`)),
  ];
}

export function methodsLine({ methods }: DiagnosisReport): string[] {
  return Object.entries(methods).map(([name, words]) => `${name}: ${words}`);
}

export function diagnosisMarkdown(report: DiagnosisReport): string {
  const list = (lines: readonly string[]): string =>
    lines.map((line) => `- ${markdownText(line)}.`).join('\n');
  return [
    '# Diagnosis',
    sourcesLine(report).split('\n').map(markdownText).join('  \n'),
    list(findingsOf(report)),
    ...diagnosisTables(report).map(tableMarkdown),
    '## Methods',
    list(methodsLine(report)),
  ].join('\n\n');
}
