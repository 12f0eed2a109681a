/** How series are told apart: by colour, and by shape where colours cannot be. */
import { estimators } from '../../estimators/estimators.ts';
import type { ChartSeries } from '../../view/section.ts';

export interface Look {
  readonly colour: string;
  /** a letter-like mark for keys and tables */
  readonly glyph: string;
  /** of a point, as a part of a path */
  readonly outline: Outline;
}

/** "M…Z" around (x, y) */
type Outline = (x: number, y: number) => string;

const RADIUS = 3.6;

const polygon =
  (corners: readonly (readonly [number, number])[]): Outline =>
  (x, y) =>
    `M${corners.map(([dx, dy]) => `${(x + dx * RADIUS).toFixed(1)},${(y + dy * RADIUS).toFixed(1)}`).join('L')}Z`;

const circle: Outline = (x, y) =>
  `M${(x - RADIUS).toFixed(1)},${y.toFixed(1)}a${RADIUS},${RADIUS} 0 1 1 ${2 * RADIUS},0a${RADIUS},${RADIUS} 0 1 1 ${-2 * RADIUS},0Z`;

/** Of rejected points, whatever the series. */
export const cross: Outline = (x, y) => {
  const [left, right, top, bottom] = [x - RADIUS, x + RADIUS, y - RADIUS, y + RADIUS].map((value) =>
    value.toFixed(1),
  );
  return `M${left},${top}L${right},${bottom}M${right},${top}L${left},${bottom}`;
};

/** Of the points of another run. */
export const hollowSquare: Outline = (x, y) => `M${(x - 5).toFixed(1)},${(y - 5).toFixed(1)}h10v10h-10Z`;

const SHAPES: readonly Omit<Look, 'colour'>[] = [
  { glyph: '●', outline: circle },
  {
    glyph: '■',
    outline: polygon([
      [-0.9, -0.9],
      [0.9, -0.9],
      [0.9, 0.9],
      [-0.9, 0.9],
    ]),
  },
  {
    glyph: '◆',
    outline: polygon([
      [0, -1.25],
      [1.25, 0],
      [0, 1.25],
      [-1.25, 0],
    ]),
  },
  {
    glyph: '▲',
    outline: polygon([
      [0, -1.2],
      [1.15, 0.9],
      [-1.15, 0.9],
    ]),
  },
  {
    glyph: '▼',
    outline: polygon([
      [0, 1.2],
      [1.15, -0.9],
      [-1.15, -0.9],
    ]),
  },
];
/** Tokens of styles/base.css. */
const COLOURS = [
  'var(--s1)',
  'var(--s2)',
  'var(--s3)',
  'var(--s4)',
  'var(--s5)',
  'var(--s6)',
  'var(--s7)',
  'var(--s8)',
];
const REFERENCE_COLOUR = 'var(--s0)';
/** Bounds, minima, and what is untrained: grey and dashed, whatever else is drawn. */
const REFERENCES = ['least unbiased', 'untrained'];

const CATALOGUE = estimators.map(({ id }) => id);
/** "pkpo-loo1 k=4" is pkpo-loo1, wherever it is drawn. */
const catalogueIndex = (name: string): number => CATALOGUE.indexOf(name.replace(/ k=\d+$/, ''));

/** The look of each name: an estimator's is its own in every chart, others take those that are left, in their order. */
export function looksOf(series: readonly ChartSeries[]): ReadonlyMap<string, Look> {
  const names = [...new Set(series.map(({ name }) => name))];
  const taken = new Set(names.map(catalogueIndex).filter((place) => place >= 0));
  const colours = new Set([...taken].map((place) => place % COLOURS.length));
  let next = 0;
  const free = (): number => {
    const isUsed = (place: number): boolean =>
      colours.size < COLOURS.length ? colours.has(place % COLOURS.length) : taken.has(place);
    while (isUsed(next)) next += 1;
    taken.add(next);
    colours.add(next % COLOURS.length);
    return next;
  };
  return new Map(
    names.map((name): [string, Look] => {
      if (REFERENCES.includes(name)) return [name, { colour: REFERENCE_COLOUR, glyph: '┄', outline: circle }];
      const own = catalogueIndex(name);
      const place = own >= 0 ? own : free();
      return [name, { colour: COLOURS[place % COLOURS.length], ...SHAPES[place % SHAPES.length] }];
    }),
  );
}
