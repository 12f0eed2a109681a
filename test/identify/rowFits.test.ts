/** Parameters of the catalogue's rows, found from tables: what was put in comes out, and nothing else is named. */
import { describe, expect, test } from 'vitest';
import { findEstimator } from '../../src/estimators/estimatorSpec.ts';
import { weightTable } from '../../src/estimators/weightTables.ts';
import { identifyTable } from '../../src/identify/identify.ts';
import { roundest } from '../../src/identify/fits.ts';
import type { OwnEstimator } from '../../src/identify/ownEstimator.ts';
import { readOwnEstimators } from '../../src/identify/readOwn.ts';
import { openStream } from '../../src/math/random/stream.ts';

/** As a program logs it: float32, or with so many decimals. */
function logged(
  spec: string,
  n: number,
  print: (value: number) => string | number = Math.fround,
  k: number | null = null,
): OwnEstimator {
  const { correct, wrong } = weightTable(findEstimator(spec)!, n, k);
  const values = (weights: Float64Array, absent: number) =>
    [...weights].map((value, c) => (c === absent ? null : print(value)));
  const table = {
    format: 'passk-estimator@1',
    name: 'mine',
    n,
    correct: values(correct, 0),
    wrong: values(wrong, n),
  };
  return readOwnEstimators(JSON.stringify(table), 'mine', 'sum')[0];
}

test.each([
  ['grpo:eps=1e-4', 8],
  ['grpo:eps=3e-5', 16],
  ['grpo:std=sample:eps=1e-4', 8],
  ['grpo:std=sample:eps=1e-6', 4],
  ['grpo:eps=1e-6', 4],
  ['grpo:std=sample', 8],
  ['grpo:std=sample:eps=0.01', 32],
  ['rs-grpo:beta=4', 8],
  ['rs-grpo:beta=-0.7', 6],
  ['f-grpo:gamma=0.5', 8],
  ['f-grpo:gamma=2.25:std=sample', 16],
  ['w-reinforce:lambda=0.35', 8],
])('names %s at n = %i', (spec, n) => {
  const { sameAs, finding } = identifyTable(logged(spec, n));
  expect(findEstimator(sameAs[0].estimator)?.id).toBe(findEstimator(spec)!.id);
  expect(finding).toContain(`it is ${sameAs[0].estimator}: `);
});

test('advantages for a mean over the group are n times the row', () => {
  const n = 8;
  const own = logged('grpo:std=sample:eps=1e-4', n);
  const scaled = (weights: OwnEstimator['correct']) =>
    weights.map((weight) => weight && { value: n * weight.value, rounding: n * weight.rounding });
  const found = identifyTable({ ...own, correct: scaled(own.correct), wrong: scaled(own.wrong) });
  expect(found.finding).toContain('n = 8 times grpo:std=sample:eps=1e-4');
});

describe('200 random tables', () => {
  const words = openStream(7, 0xfffffffe, 0, 0, 0);
  const uniform = (low: number, high: number): number => low + ((high - low) * words()) / 2 ** 32;
  const digits = (value: number): number => Number(value.toPrecision(2));
  const std = (): string => (words() % 2 === 0 ? 'sample' : 'population');
  const draw: readonly ((n: number) => readonly [string, number | null])[] = [
    () => [`grpo:std=${std()}:eps=${digits(10 ** uniform(-5, -1))}`, null],
    () => [`rs-grpo:beta=${digits(uniform(0.2, 8))}`, null],
    () => [`f-grpo:gamma=${digits(uniform(0.1, 4))}:std=${std()}:eps=${digits(10 ** uniform(-4, -1))}`, null],
    () => [`f-grpo:gamma=${digits(uniform(0.1, 4))}:std=${std()}`, null],
    () => [`w-reinforce:lambda=${digits(uniform(0.01, 2))}`, null],
    () => [`maxrl:eps=${digits(10 ** uniform(-5, -1))}`, null],
    (n) => [`passk-training:eps=${digits(10 ** uniform(-5, -1))}`, 2 + (words() % (n - 3))],
    (n) => ['ordergrad', 1 + (words() % (n - 1))],
    (n) => ['pkpo-loo', 2 + (words() % (n - 2))],
    (n) => ['plug-in', 2 + (words() % n)],
  ];

  test('of the catalogue are all recovered, in float32 as in float64', () => {
    for (let i = 0; i < 200; i += 1) {
      const n = 4 + (words() % 20);
      const [spec, k] = draw[i % draw.length](n);
      const own = logged(spec, n, i % 4 < 2 ? Math.fround : Number, k);
      const { sameAs, finding } = identifyTable(own);
      const first = { id: findEstimator(sameAs[0]?.estimator ?? '')?.id, k: sameAs[0]?.k };
      const names = sameAs.map(({ estimator, k: ofK }) => `${findEstimator(estimator)?.id} ${ofK}`);
      expect(names, finding).toContain(`${findEstimator(spec)!.id} ${k}`);
      // plug-in at k = 2 is another row's table too; of rows alike the first is named.
      if (!['plug-in', 'ordergrad', 'pkpo-loo'].includes(spec))
        expect(first, finding).toEqual({ id: findEstimator(spec)!.id, k });
    }
  });

  test('that are wrong have no name', () => {
    for (let i = 0; i < 200; i += 1) {
      const n = 4 + (words() % 20);
      const [spec, k] = draw[i % draw.length](n);
      const right = logged(spec, n, Number, k);
      // Every other one is a row with one weight off by a tenth, the rest are noise.
      const off = 1 + (words() % (n - 1));
      const change = (value: number, c: number): number =>
        i % 2 === 0 ? (c === off ? value * 1.1 + 1e-3 : value) : uniform(-1, 1);
      const weights = (own: OwnEstimator['correct']) =>
        own.map((weight, c) => weight && change(weight.value, c));
      const table = { format: 'passk-estimator@1', name: 'wrong', n };
      const text = JSON.stringify({ ...table, correct: weights(right.correct), wrong: weights(right.wrong) });
      const [own] = readOwnEstimators(text, 'wrong', 'open');
      const { sameAs, mistakes, estimates, finding } = identifyTable(own);
      expect({ sameAs, mistakes, estimates }, `${spec} ${n} ${off} ${finding}`).toEqual({
        sameAs: [],
        mistakes: [],
        estimates: 'other',
      });
    }
  });
});

test('Dr. GRPO is named as the row that it is', () => {
  expect(identifyTable(logged('dr-grpo', 8)).finding).toBe(
    'it is dr-grpo: 0.875 times the gradient of pass@1',
  );
});

describe('the roundest number', () => {
  test.each([
    [9.7e-5, 1.04e-4, 1e-4],
    [0.49, 0.52, 0.5],
    [2.21, 2.29, 2.25],
    [-0.71, -0.69, -0.7],
    [-1, 1, 0],
    [3.9999, 4.0001, 4],
    [0.123456, 0.123458, 0.123457],
  ])('of %d to %d is %d', (low, high, wanted) => {
    expect(roundest({ low, high })).toBe(wanted);
  });
});

test('a log of four decimals in which c are missing is named as far as it goes', () => {
  const n = 8;
  const log = (spec: string): string => {
    const { correct, wrong } = weightTable(findEstimator(spec)!, n, null);
    const rows = [1, 2, 5, 7].flatMap((c) => [
      `${n},${c},1,${(n * correct[c]).toFixed(4)}`,
      `${n},${c},0,${(n * wrong[c]).toFixed(4)}`,
    ]);
    return ['n,c,reward,advantage', ...rows].join('\n');
  };
  const findingOf = (spec: string): string =>
    identifyTable(readOwnEstimators(log(spec), 'log', 'mean')[0]).finding;
  expect(findingOf('grpo:std=sample:eps=1e-4')).toContain('those of grpo:std=sample:eps=1e-4');
  expect(findingOf('rs-grpo:beta=4')).toContain('those of rs-grpo:beta=4');
  expect(findingOf('f-grpo:gamma=0.5')).toContain('those of f-grpo:gamma=0.5');
});
