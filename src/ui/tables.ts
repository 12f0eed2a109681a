/** A report's tables, and the exact ones that need no GPU. */
import type { Check, SlopeCheck } from '../lab/results.ts';
import { controlsOf, familiesOf, type Report } from '../lab/suite/report.ts';
import type { ProblemResult } from '../experiments/relation/result.ts';
import { estimators } from '../estimators/estimators.ts';
import { passAtK, passAtKWeight } from '../math/passAtK.ts';
import { element } from './dom.ts';
import { formatCount, formatNumber, formatWithError } from '../view/format.ts';

const MARKS: Readonly<Record<Check['verdict'], string>> = {
  agree: '✓',
  'not rejected': '✓',
  disagree: '✗',
  inconclusive: '?',
};

/**
 * A table under its heading, in a frame that scrolls, so that a wide one never widens the page; a keyboard can reach it.
 */
export function framedTable(
  heading: string,
  head: readonly string[],
  rows: readonly (readonly (string | Node)[])[],
): HTMLElement {
  const table = element(
    'table',
    { 'aria-label': heading },
    element('thead', {}, element('tr', {}, ...head.map((text) => element('th', { scope: 'col' }, text)))),
    element(
      'tbody',
      {},
      ...rows.map(([first, ...cells]) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, first),
          ...cells.map((cell) => element('td', {}, cell)),
        ),
      ),
    ),
  );
  const frame = element(
    'div',
    { class: 'frame', tabindex: '0', role: 'region', 'aria-label': heading },
    table,
  );
  return element('section', {}, element('h2', {}, heading), frame);
}

/** Rows prompts, columns k: measured slope ± standard error, exact alpha below, verdict mark. */
export function slopeTable(problems: readonly ProblemResult[], estimator: string): HTMLElement {
  const ks = [
    ...new Set(
      problems.flatMap(({ prompts }) =>
        prompts.flatMap(({ slopes }) => own(slopes, estimator).map(({ k }) => k)),
      ),
    ),
  ];
  const rows = problems.flatMap((problem) =>
    problem.prompts.map((prompt) => [
      `${problem.id} ${prompt.id}`,
      formatNumber(prompt.successProb),
      formatCount(prompt.groupCount),
      ...ks.map((k) => slopeCell(own(prompt.slopes, estimator).find((slope) => slope.k === k))),
    ]),
  );
  const head = ['prompt', 'J1', 'groups', ...ks.map((k) => (k === null ? 'slope' : `k = ${k}`))];
  return framedTable(`${estimator}: measured slope ± 1 SE, and the exact value below`, head, rows);
}

function own(slopes: readonly SlopeCheck[], estimator: string): readonly SlopeCheck[] {
  return slopes.filter((slope) => slope.estimator === estimator);
}

function slopeCell(check: SlopeCheck | undefined): string | Node {
  if (!check) return '–';
  const { slope, alpha, verdict, neededGroups } = check;
  const advice =
    verdict === 'inconclusive'
      ? `needs ${neededGroups === null ? 'more than 1e15' : formatCount(neededGroups)} groups`
      : `p = ${formatNumber(check.pValue)}`;
  return element(
    'span',
    { class: `cell ${verdict.replace(' ', '-')}`, title: `${verdict}; ${advice}` },
    element('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[verdict]),
    element('span', { class: 'hidden' }, `${verdict}: `),
    formatWithError(slope.value, slope.standardError),
    element('small', {}, formatNumber(alpha)),
  );
}

export function checkTables(report: Report): HTMLElement[] {
  const { throughput } = report;
  const controls = controlsOf(report);
  const tables: HTMLElement[] = [];
  const families = familiesOf(report);
  if (families.length > 0) {
    tables.push(
      framedTable(
        'Checks by family; all together raise a false alarm in one honest run of 1000',
        ['question', 'comparisons', 'smallest p (upper bound)', 'rejected'],
        families.map((family) => [
          family.question,
          String(family.comparisons),
          family.comparisons === 0 ? 'n/a' : formatNumber(family.smallestPValue),
          family.comparisons === 0 ? 'not run' : String(family.rejected),
        ]),
      ),
    );
  }
  if (controls.length > 0) {
    tables.push(
      framedTable(
        'Deliberate mistakes that must be seen',
        ['mistake', 'chance to see it', 'p', 'seen'],
        controls.map(({ description, power, pValue, flagged }) => [
          description,
          power > 0.999999 ? '> 0.999999' : power.toFixed(6),
          formatNumber(pValue),
          flagged ? 'yes' : power > 0.999999 ? 'NO' : 'no power',
        ]),
      ),
    );
  }
  if (throughput && throughput.rows.length > 0) {
    tables.push(
      framedTable(
        `Throughput: ${throughput.description}`,
        ['tally level', 'tokens per second'],
        throughput.rows.map(({ level, tokensPerSecond }) => [level, formatCount(tokensPerSecond)]),
      ),
    );
  }
  return tables;
}

const SHOWN_PROBS = [1e-4, 0.01, 0.1, 0.5, 0.9, 0.99, 0.9999];

/** J_k and alpha_k, exact: shown with or without a GPU. */
export function exactTable(ks: readonly number[]): HTMLElement {
  return framedTable(
    'Exact pass@k, and α_k below: no GPU needed',
    ['J1', ...ks.map((k) => `k = ${k}`)],
    SHOWN_PROBS.map((p) => [
      formatNumber(p),
      ...ks.map((k) =>
        element(
          'span',
          { class: 'cell' },
          formatNumber(passAtK(p, k)),
          element('small', {}, formatNumber(passAtKWeight(p, k))),
        ),
      ),
    ]),
  );
}

/** The catalogue: formulas, what each estimates, sources. */
export function catalogueTable(): HTMLElement {
  return framedTable(
    'The estimators: weights of a correct and of a wrong trajectory, c of n being correct',
    ['estimator', 'w1(c)', 'w0(c)', 'α_eff in E G = α_eff ∇J1', 'where', 'centred', 'source'],
    estimators.map(({ id, title, formula, objective, domain, centred, source }) => [
      element('span', { title }, id),
      formula.correct,
      formula.wrong,
      objective.effectiveAlpha.startsWith('n sum_m') ? 'by the identity' : objective.effectiveAlpha,
      domain === '' ? 'everywhere' : domain,
      centred ? 'yes' : 'no',
      source,
    ]),
  );
}
