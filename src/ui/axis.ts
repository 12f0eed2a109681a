/** What charts share that needs no chart library. */

/** Chosen to hold against both a white and a dark ground. */
export const COLOURS = [
  '#3b82c4',
  '#d97706',
  '#2f9e6e',
  '#c2528b',
  '#8b6fd0',
  '#a3713a',
  '#4d9ba3',
  '#c94f4f',
];

export const logit = (p: number): number => Math.log(p) - Math.log1p(-p);

/** "1e-4", ".01", ".5", "1 − 1e-4" */
export function tickText(p: number): string {
  const small = (value: number): string =>
    value < 0.0095 ? `1e${Math.round(Math.log10(value))}` : String(Number(value.toPrecision(1)));
  return p <= 0.5 ? small(p) : p < 0.985 ? String(Number(p.toPrecision(2))) : `1−${small(1 - p)}`;
}

/** A tick of a logarithmic axis: "0.01", "1e-4", "2e+6" */
export function powerText(value: number): string {
  return value >= 1e-3 && value < 1e5 ? String(value) : value.toExponential();
}
