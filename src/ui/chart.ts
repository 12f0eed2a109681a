/**
 * The paper's Figure 1 with data on it: α_k against J1 for each k, exact curves and measured slopes.
 */
import * as Plot from '@observablehq/plot';
import { passAtKWeight } from '../math/passAtK.ts';
import { COLOURS, logit, tickText } from './axis.ts';
import type { SlopeCheck } from '../lab/results.ts';

/** A measured slope of the chosen estimator. */
export interface SlopePoint {
  readonly successProb: number;
  /** spreads problems of equal J1 side by side */
  readonly problemIndex: number;
  readonly check: SlopeCheck;
}

/** Half-width of the axis in logits: J1 from about 5e-5 to 1 − 5e-5. */
const LOGIT_RANGE = 9.9;
const CURVE_POINTS = 200;
/** Logits between neighbouring problems at one J1. */
const SPREAD = 0.05;
const TICKS = [1e-4, 1e-3, 1e-2, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999];

export function slopeChart(
  chosenKs: readonly number[],
  points: readonly SlopePoint[],
  width: number,
): SVGElement | HTMLElement {
  // Estimators without k stand on the curve of k = 1.
  const ks = [...new Set([...chosenKs, ...points.map(({ check }) => check.k ?? 1)])].sort((a, b) => a - b);
  const curves = ks.flatMap((k) =>
    Array.from({ length: CURVE_POINTS + 1 }, (_, i) => {
      const x = -LOGIT_RANGE + (2 * LOGIT_RANGE * i) / CURVE_POINTS;
      return { x, k, alpha: passAtKWeight(1 / (1 + Math.exp(-x)), k) };
    }),
  );
  const top = Math.max(...ks) * 1.08;
  const low = -0.06 * top;
  const clamp = (value: number): number => Math.min(top, Math.max(low, value));
  // What is known no better than half the axis says nothing here; the table has it.
  const shown = points.filter(
    ({ check }) => check.verdict !== 'inconclusive' || check.slope.high - check.slope.low < top / 2,
  );
  const data = shown.map(({ successProb, problemIndex, check }) => ({
    x: logit(successProb) + (problemIndex - 3.5) * SPREAD,
    k: check.k ?? 1,
    y: check.slope.value,
    low: clamp(check.slope.low),
    high: clamp(check.slope.high),
    decided: check.verdict !== 'inconclusive',
    title:
      `J1 = ${successProb.toPrecision(4)}, k = ${check.k ?? 1}\n` +
      `slope ${check.slope.value.toPrecision(4)} ± ${check.slope.standardError.toPrecision(2)} (SE)\n` +
      `alpha ${check.alpha.toPrecision(4)}: ${check.verdict}`,
  }));
  const inside = data.filter(({ y }) => y >= low && y <= top);
  const narrow = width < 520;
  const figure = Plot.plot({
    width,
    height: Math.round(Math.min(460, Math.max(300, width * 0.55))),
    marginLeft: 42,
    marginBottom: 44,
    style: { background: 'none', color: 'inherit', fontSize: '13px', overflow: 'visible' },
    x: {
      domain: [-LOGIT_RANGE, LOGIT_RANGE],
      ticks: (narrow ? [1e-4, 1e-2, 0.5, 0.99, 0.9999] : TICKS).map(logit),
      tickFormat: (x: number) => tickText(1 / (1 + Math.exp(-x))),
      label: 'success probability J1 (logit scale)',
      labelAnchor: 'center',
      labelArrow: 'none',
    },
    y: { domain: [low, top], label: '↑ slope of the measured gradient on ∇J1', grid: true },
    color: {
      type: 'ordinal',
      domain: ks,
      range: ks.map((_, i) => COLOURS[i % COLOURS.length]),
      legend: true,
      tickFormat: (k: number) => `k = ${k}`,
    },
    ariaLabel: 'Slope of the measured pass@k gradient against J1 for each k, over the exact curves alpha_k',
    marks: [
      Plot.ruleY([0], { strokeOpacity: 0.5 }),
      Plot.line(curves, { x: 'x', y: 'alpha', stroke: 'k', z: 'k', strokeWidth: 1.8 }),
      Plot.ruleX(data, {
        x: 'x',
        y1: 'low',
        y2: 'high',
        stroke: 'k',
        strokeOpacity: (d: { decided: boolean }) => (d.decided ? 0.9 : 0.22),
      }),
      Plot.dot(
        inside.filter(({ decided }) => !decided),
        { x: 'x', y: 'y', r: 2.2, stroke: 'k', strokeOpacity: 0.45 },
      ),
      Plot.dot(
        inside.filter(({ decided }) => decided),
        { x: 'x', y: 'y', r: 3, fill: 'k', stroke: 'var(--ground)', strokeWidth: 0.7 },
      ),
      Plot.tip(inside, Plot.pointer({ x: 'x', y: 'y', title: 'title', fill: 'var(--ground)' })),
    ],
  });
  return asImage(figure);
}

/** For assistive technology the chart is one image with a name; the tables hold its numbers. */
export function asImage(figure: SVGElement | HTMLElement): SVGElement | HTMLElement {
  for (const svg of figure.querySelectorAll('svg[aria-label]')) svg.setAttribute('role', 'img');
  for (const part of figure.querySelectorAll('svg [aria-label], svg [aria-description]')) {
    part.removeAttribute('aria-label');
    part.removeAttribute('aria-description');
  }
  return figure;
}
