/** Charts as data: what they draw is what was found, at its own place, and no rejection is lost. */
import { describe, expect, test } from 'vitest';
import { slopesFigure, type SlopeShown } from '../../src/experiments/relation/figures.ts';
import {
  MEASURED_FAMILY,
  FAMILIES,
  banditFamily,
  problemFamily,
} from '../../src/experiments/variance/families.ts';
import {
  estimatorChart,
  LEAST_UNBIASED,
  sizesOf,
  valuesAt,
  type Asked,
  type MeasuredShown,
} from '../../src/experiments/variance/workbench.ts';
import { catalogued } from '../../src/estimators/estimatorSpec.ts';
import { weightTable } from '../../src/estimators/weightTables.ts';
import { excerptOf } from '../../src/lab/suite/excerpt.ts';
import type { Digest } from '../../src/lab/suite/digest.ts';
import { leastCosine } from '../../src/lab/suite/claimRules.ts';
import { passAtKWeight } from '../../src/math/passAtK.ts';
import { compileProblem } from '../../src/problem/problem.ts';
import { evenBandit } from '../../src/problem/workloads.ts';

describe('slopes', () => {
  const slope = (own: Partial<SlopeShown>): SlopeShown => ({
    ...{ problem: 'a', estimator: 'rloo', k: 2, successProb: 0.2, verdict: 'agree', given: null },
    slope: { value: 1.6, low: 1.5, high: 1.7, count: 64 },
    ...own,
  });
  const drawn = (slopes: readonly SlopeShown[], draw = 'length') =>
    slopesFigure
      .draw({ ks: [2], slopes }, { Estimator: 'rloo', Draw: draw })
      .series.flatMap(({ points }) => points);

  test('stand at their own J1, beside one another by pixels alone', () => {
    const points = drawn([slope({}), slope({ problem: 'b' })]);
    expect(points.map(({ x }) => x)).toEqual([0.2, 0.2]);
    expect(points[0].shift).toBe(-(points[1].shift ?? 0));
    expect(points[0].exact).toBe(passAtKWeight(0.2, 2));
  });

  test('that one way of sampling rejects are rejected, whatever the other says', () => {
    const given = { value: 1.4, low: 1.3, high: 1.5, verdict: 'disagree' };
    expect(drawn([slope({ given })])[0]).toMatchObject({ state: 'rejected', y: 1.4 * passAtKWeight(0.2, 2) });
    expect(drawn([slope({ verdict: 'disagree', given: { ...given, verdict: 'agree' } })])[0].state).toBe(
      'rejected',
    );
  });

  test('that are known badly are kept for the table, and a rejection is drawn however wide it is', () => {
    const wide = { value: 1.6, low: -90, high: 90, count: 2 };
    expect(drawn([slope({ slope: wide, verdict: 'inconclusive' })])[0]).toMatchObject({
      isWide: true,
      state: 'open',
    });
    expect(drawn([slope({ slope: wide, verdict: 'disagree' })])[0].isWide).toBeUndefined();
  });

  test('given the outcome are over alpha_k, or times it, as is asked for', () => {
    const given = { value: 1.02, low: 0.99, high: 1.05, verdict: 'agree' };
    const own = slope({ verdict: 'inconclusive', given });
    expect(drawn([own], 'measured over exact')[0]).toMatchObject({ y: 1.02, exact: 1, state: 'given' });
    expect(drawn([own])[0].y).toBeCloseTo(1.02 * passAtKWeight(0.2, 2), 12);
  });
});

describe('the workbench', () => {
  const asked: Asked = {
    ...{ estimators: ['pkpo', 'rloo'], own: [], sizes: [2, 4, 8, 16], least: true },
    ...{ quantity: 'variance', against: 'k', successProb: 0.5, n: 16, k: 8, family: MEASURED_FAMILY },
  };
  const lineOf = (own: Asked, name: string) =>
    estimatorChart(own, { cells: [] }).series.find((series) => series.name === name)!.line;

  test('draws every integer k, every size, and has at the marker what its line has there', () => {
    expect(lineOf(asked, 'pkpo').map(({ x }) => x)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
    expect(lineOf({ ...asked, against: 'n' }, 'rloo').map(({ x }) => x)).toEqual([2, 4, 8, 16]);
    const values = valuesAt(asked);
    for (const { name, exact } of values) expect(lineOf(asked, name).find(({ x }) => x === 8)?.y).toBe(exact);
    expect(values.map(({ name }) => name)).toEqual(['pkpo', 'rloo', LEAST_UNBIASED]);
  });

  test('nothing unbiased is below the least, nor above it in SNR', () => {
    for (const family of FAMILIES) {
      for (const successProb of [0.02, 0.5, 0.97]) {
        const at = (quantity: Asked['quantity']) => {
          const estimators = ['pkpo', 'pkpo-loo', 'pkpo-loo1', 'ordergrad'];
          return valuesAt({ ...asked, quantity, family, successProb, estimators });
        };
        for (const { exact, least } of at('variance')) expect(exact! / least!).toBeGreaterThan(1 - 1e-9);
        for (const { exact, least } of at('SNR')) expect(exact! / least!).toBeLessThan(1 + 1e-9);
      }
    }
  });

  test("a file's policy has the J1 of its prompts, and no others", () => {
    const family = problemFamily('mine', compileProblem(evenBandit(6, 2, [0.2, 0.7])));
    const line = lineOf({ ...asked, family, against: 'J1' }, 'pkpo');
    expect(line.map(({ x }) => Number(x.toFixed(6)))).toEqual([0.2, 0.7]);
    const [{ exact }] = valuesAt({ ...asked, family, successProb: 0.68 });
    expect(exact).toBeCloseTo(
      valuesAt({ ...asked, family: banditFamily(6, 2), successProb: 0.7 })[0].exact!,
      6,
    );
  });

  test('an own table is drawn at its own n and k, with its own exact values beside its points', () => {
    const table = { ...weightTable(catalogued('rloo'), 4, null), estimatorId: 'mine', k: 1 };
    const cell: MeasuredShown = {
      ...{ estimator: 'mine', k: 1, groupSize: 4, successProb: 0.5, groupCount: 64, snr: null },
      variance: { value: 0.1, low: 0.09, high: 0.11, verdict: 'agree' },
      slope: { value: 1, low: 0.9, high: 1.1, verdict: 'agree' },
    };
    const own = { ...asked, own: [table], n: 4, k: 1 };
    const series = estimatorChart(own, { cells: [cell] }).series.find(({ name }) => name === 'mine')!;
    expect(series.line.map(({ x }) => x)).toEqual([1]);
    expect(series.points[0].exact).toBe(series.line[0].y);
    expect(valuesAt({ ...own, n: 8 }).find(({ name }) => name === 'mine')?.exact).toBeNull();
    expect(sizesOf({ cells: [{ ...cell, groupSize: 64 }] }, [{ ...table, n: 100 }]).slice(-3)).toEqual([
      32, 64, 100,
    ]);
  });
});

test('the least cosine is a decided one where several are least, at the least k', () => {
  const cell = (k: number, cosine: number | null, verdict: 'agree' | 'inconclusive') => ({
    k,
    cosine,
    verdict,
  });
  const cells = [
    cell(1, -1, 'agree'),
    cell(4, -0.5, 'agree'),
    cell(8, -0.9, 'inconclusive'),
    cell(15, -0.9, 'agree'),
    cell(16, null, 'agree'),
  ];
  expect(leastCosine(cells)?.k).toBe(15);
  expect(leastCosine(cells.slice(0, 3))?.k).toBe(8);
  expect(leastCosine(cells.slice(0, 1))).toBeUndefined();
});

test('an excerpt has fewer digits, but what is near 1 keeps them all', () => {
  const digest = {
    shown: {
      relation: { ks: [1], slopes: [] },
      signal: { groupSize: 16, lines: [], far: 0.123456789, near: 1 - 1e-9 },
      objectives: { workloads: [{ id: 'a', k: 1, modeCount: 3, curves: [], median: 0.123456 }] },
    },
  } as unknown as Digest;
  expect(excerptOf(digest).shown).toMatchObject({
    signal: { far: 0.12346, near: 1 - 1e-9 },
    objectives: { workloads: [{ median: 0.123 }] },
  });
});
