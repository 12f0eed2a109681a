/** A section of what was found, on the page: words, charts that redraw, choosers, numbers behind folds. */
import type { Cell, Choice, Chosen, LineChart, Part, Section, Table } from '../view/section.ts';
import { element } from './dom.ts';
import { chartSvg } from './exportChart.ts';
import { framedTable } from './tables.ts';

/** A section, and how to draw its charts once there is room for them. */
export interface DrawnSection {
  readonly node: HTMLElement;
  readonly redraw: (width: number) => void;
}

/** Places of charts, drawn whenever the width changes. */
interface Charts {
  width: number;
  readonly draws: (() => void)[];
}

export function drawnSection({ title, parts }: Section): DrawnSection {
  const charts: Charts = { width: 0, draws: [] };
  const node = element(
    'section',
    { class: 'experiment' },
    element('h2', {}, title),
    ...parts.map((part) => partNode(part, charts)),
  );
  return {
    node,
    redraw: (width) => {
      charts.width = width;
      for (const draw of charts.draws) draw();
    },
  };
}

function partNode(part: Part, charts: Charts): HTMLElement {
  if (typeof part === 'string') return element('p', {}, part);
  switch (part.kind) {
    case 'table':
      return tableNode(part);
    case 'fold':
      return element(
        'details',
        {},
        element('summary', {}, part.title),
        ...part.parts.map((inner) => partNode(inner, charts)),
      );
    case 'chart': {
      const place = element('div');
      charts.draws.push(() => void draw(place, [part], charts.width));
      return place;
    }
    case 'chosen':
      return chosenNode(part, charts);
  }
}

function chosenNode({ choosers, show }: Chosen, charts: Charts): HTMLElement {
  const place = element('div');
  const selects = choosers.map(({ label, options, first }) => {
    const select = element(
      'select',
      { 'aria-label': label },
      ...options.map((option) => element('option', { value: option }, option)),
    );
    select.value = first;
    return [label, select] as const;
  });
  const redraw = (): void => {
    const choice: Choice = Object.fromEntries(selects.map(([label, { value }]) => [label, value]));
    void draw(place, show(choice), charts.width);
  };
  for (const [, select] of selects) select.addEventListener('change', redraw);
  charts.draws.push(redraw);
  return element(
    'div',
    {},
    element(
      'div',
      { class: 'chooser' },
      ...selects.map(([label, select]) => element('label', {}, `${label} `, select)),
    ),
    place,
  );
}

/** The chart's library comes in its own chunk, and only once there is something to draw. */
async function draw(place: HTMLElement, parts: readonly (Table | LineChart)[], width: number): Promise<void> {
  const { lineChart } = await import('./lineChart.ts');
  place.replaceChildren(
    ...parts.map((part) => {
      if (part.kind === 'table') return tableNode(part);
      const drawn = lineChart(part, width);
      return element('figure', {}, drawn, saveButton(drawn, part.name));
    }),
  );
}

function saveButton(drawn: Element, name: string): HTMLElement {
  const save = element('button', { type: 'button', class: 'quiet-button' }, 'Save chart (SVG)');
  save.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([chartSvg(drawn, name)], { type: 'image/svg+xml' }));
    element('a', { href: url, download: `${fileStem(name)}.svg` }).click();
    URL.revokeObjectURL(url);
  });
  return save;
}

/** "Pass@k of before, after" → "pass-k-of-before-after" */
const fileStem = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60);

export function tableNode({ title, head, rows }: Table): HTMLElement {
  return framedTable(
    title,
    head,
    rows.map((row) => row.map(cellNode)),
  );
}

const MARKS = {
  agree: '✓',
  'not rejected': '✓',
  disagree: '✗',
  inconclusive: '?',
  'out of reach': '∞',
} as const;

function cellNode(cell: Cell): string | Node {
  if (typeof cell === 'string') return cell;
  const { text, verdict, note, hint } = cell;
  return element(
    'span',
    {
      class: `cell ${verdict?.replaceAll(' ', '-') ?? ''}`.trim(),
      ...(hint ? { title: verdict ? `${verdict}; ${hint}` : hint } : {}),
    },
    ...(verdict
      ? [
          element('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[verdict]),
          element('span', { class: 'hidden' }, `${verdict}: `),
        ]
      : []),
    text,
    ...(note ? [element('small', {}, note)] : []),
  );
}
