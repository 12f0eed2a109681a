/** Parameters of the catalogue's rows, found from tables: what was put in comes out, and nothing else is named. */
import { describe, expect, test } from 'vitest';
import { findEstimator } from '../../src/estimators/estimatorSpec.ts';
import { weightTable } from '../../src/estimators/weightTables.ts';
import { identifyTable } from '../../src/identify/identify.ts';
import { readOwnEstimators, type OwnEstimator } from '../../src/identify/ownEstimator.ts';
import { parameterFits, roundest } from '../../src/identify/parameterFits.ts';
import { openStream } from '../../src/math/random/stream.ts';

/** As a program logs it: float32, or with so many decimals. */
function logged(
  spec: string,
  n: number,
  print: (value: number) => string | number = Math.fround,
): OwnEstimator {
  const { correct, wrong } = weightTable(findEstimator(spec)!, n, null);
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
  const [found] = parameterFits(logged(spec, n));
  expect(findEstimator(found.estimator)?.id).toBe(findEstimator(spec)!.id);
  expect(identifyTable(logged(spec, n)).finding).toContain(`it is ${found.estimator}`);
});

test('advantages for a mean over the group are n times the row', () => {
  const n = 8;
  const own = logged('grpo:std=sample:eps=1e-4', n);
  const scaled = (weights: OwnEstimator['correct']) =>
    weights.map((weight) => weight && { value: n * weight.value, rounding: n * weight.rounding });
  const found = identifyTable({ ...own, correct: scaled(own.correct), wrong: scaled(own.wrong) });
  expect(found.finding).toContain('n = 8 times grpo:std=sample:eps=1e-4');
});

test('random parameters are recovered, and random tables have none', () => {
  const words = openStream(7, 0xfffffffe, 0, 0, 0);
  const uniform = (low: number, high: number): number => low + ((high - low) * words()) / 2 ** 32;
  for (let i = 0; i < 60; i += 1) {
    const n = 4 + (words() % 20);
    const spec = [
      `grpo:std=${words() % 2 === 0 ? 'sample' : 'population'}:eps=${Number((10 ** uniform(-4, -1)).toPrecision(2))}`,
      `rs-grpo:beta=${Number(uniform(0.2, 8).toPrecision(2))}`,
      `f-grpo:gamma=${Number(uniform(0.1, 4).toPrecision(2))}`,
      `w-reinforce:lambda=${Number(uniform(0.01, 2).toPrecision(2))}`,
    ][i % 4];
    const { id } = findEstimator(spec)!;
    const names = parameterFits(logged(spec, n)).map(({ estimator }) => findEstimator(estimator)?.id);
    expect(names).toContain(id);
    const random = Array.from({ length: n + 1 }, () => Math.fround(uniform(-1, 1)));
    const table = {
      ...{ format: 'passk-estimator@1', name: 'random', n },
      ...{
        correct: random.map((value, c) => (c === 0 ? null : value)),
        wrong: random.map((value, c) => (c === n ? null : -value / 2)),
      },
    };
    const [own] = readOwnEstimators(JSON.stringify(table), 'random', 'sum');
    expect(parameterFits(own)).toEqual([]);
  }
});

test('Dr. GRPO is named as the row that it is', () => {
  expect(identifyTable(logged('dr-grpo', 8)).finding).toBe(
    '0.875 times the gradient of pass@1: it is dr-grpo',
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
  // An eps of 1e-4 moves none of these by half of the last decimal everywhere: it is not claimed.
  expect(findingOf('grpo:std=sample:eps=1e-4')).toContain('they are those of grpo:std=sample');
  expect(findingOf('rs-grpo:beta=4')).toContain('they are those of rs-grpo:beta=4');
  expect(findingOf('f-grpo:gamma=0.5')).toContain('they are those of f-grpo:gamma=0.5');
});
