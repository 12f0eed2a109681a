/** What the sections of the experiments share: words, choosers, a chart that redraws, numbers behind a fold. */
import type { Estimate } from '../../lab/results.ts';
import { element } from '../dom.ts';
import type { ChartPoint, LineChart } from '../lineChart.ts';

/** A section, and how to draw its chart once there is room for it. */
export interface Section {
  readonly node: HTMLElement;
  readonly redraw: (width: number) => void;
}

/** The chart's library comes in its own chunk, and only once there is something to draw. */
export function charted(
  heading: string,
  words: readonly string[],
  charts: () => LineChart | readonly LineChart[],
  table: HTMLElement,
  choosers: readonly HTMLSelectElement[] = [],
): Section {
  const place = element('div', { class: 'chart' });
  let lastWidth = 0;
  const redraw = (width: number): void => {
    lastWidth = width;
    void import('../lineChart.ts').then(({ lineChart }) => {
      place.replaceChildren(...[charts()].flat().map((chart) => lineChart(chart, width)));
    });
  };
  for (const chooser of choosers) chooser.addEventListener('change', () => redraw(lastWidth));
  const node = element(
    'section',
    { class: 'experiment' },
    element('h2', {}, heading),
    ...words.map((text) => element('p', {}, text)),
    ...(choosers.length > 0
      ? [
          element(
            'div',
            { class: 'chooser' },
            ...choosers.map((chooser) =>
              element('label', {}, `${chooser.getAttribute('aria-label') ?? ''} `, chooser),
            ),
          ),
        ]
      : []),
    element('figure', {}, place),
    element('details', {}, element('summary', {}, 'Numbers'), table),
  );
  return { node, redraw };
}

export function chooser(label: string, choices: readonly string[], chosen: string): HTMLSelectElement {
  const select = element(
    'select',
    { 'aria-label': label },
    ...choices.map((choice) => element('option', { value: choice }, choice)),
  );
  select.value = chosen;
  return select;
}

export function pointOf(
  x: number,
  { value, low, high }: Pick<Estimate, 'value' | 'low' | 'high'>,
  decided: boolean,
  title: string,
): ChartPoint {
  return { x, y: value, low, high, decided, title };
}

const CURVE_POINTS = 100;
export const grid = (low: number, high: number): number[] =>
  Array.from({ length: CURVE_POINTS + 1 }, (_, i) => low + ((high - low) * i) / CURVE_POINTS);
