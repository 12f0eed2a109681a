/** Tables on the page, and the exact ones that need no run. */
import { estimators } from '../estimators/estimators.ts';
import { passAtK, passAtKWeight } from '../math/passAtK.ts';
import { element } from './dom.ts';
import { formatNumber } from '../view/format.ts';

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
