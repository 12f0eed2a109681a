import { describe, expect, test } from 'vitest';
import { identifyTable, type TableIdentity } from '../../src/identify/identify.ts';
import { estimators } from '../../src/estimators/estimators.ts';
import { findEstimator } from '../../src/estimators/estimatorSpec.ts';
import { readOwnEstimators } from '../../src/identify/readOwn.ts';
import { weightTable } from '../../src/estimators/weightTables.ts';

interface Weights {
  correct: number[];
  wrong: number[];
}

/** w1(c), w0(c) of the catalogue, changed. */
function tables(
  id: string,
  n: number,
  k: number | null,
  change: (weight: number, c: number, reward: 0 | 1) => number = (weight) => weight,
): Weights {
  const table = weightTable(findEstimator(id)!, n, k);
  return {
    correct: Array.from(table.correct, (weight, c) => (c === 0 ? 0 : change(weight, c, 1))),
    wrong: Array.from(table.wrong, (weight, c) => (c === n ? 0 : change(weight, c, 0))),
  };
}

function diagnosisOf(weights: Weights, n: number, k?: number): TableIdentity {
  const text = JSON.stringify({ format: 'passk-estimator@1', name: 'mine', n, k, ...weights });
  return identifyTable(readOwnEstimators(text, 'mine.json', 'sum')[0]);
}

/** What a group's mean weight does when it is taken off. */
function meanCentred(n: number, k: number): Weights {
  const { correct, wrong } = weightTable(findEstimator('pkpo')!, n, k);
  const mean = (c: number): number => (c * correct[c] + (n - c) * wrong[c]) / n;
  return tables('pkpo', n, k, (weight, c) => weight - mean(c));
}

describe('known mistakes are named', () => {
  test('mean-centred pkpo at (8, 4) is 1 - k/n = 0.5 times the pass@4 gradient', () => {
    for (const k of [undefined, 4]) {
      const found = diagnosisOf(meanCentred(8, 4), 8, k);
      expect(found.estimates).toBe('multiple');
      expect(found.matchedK).toBe(4);
      expect(found.factor).toBeCloseTo(0.5, 12);
      expect(found.centred).toBe(true);
      expect(found.mistakes[0]).toBe('mean-centred pkpo');
      expect(found.finding).toContain('1 - k/n = 0.5 times the gradient of pass@4: mean-centred pkpo');
    }
  });

  test.each([
    ['averaged over the group instead of summed', 1 / 8],
    ['advantages for a mean over the group (read them with --convention mean)', 8],
    ['C(n-1,k-1) normalisation where C(n,k) belongs', 8 / 3],
    ['the factor k is missing', 1 / 3],
    ['not divided by C(n-1,k-1)', 21],
    ['not divided by C(n,k)', 56],
  ])('%s: %d times', (name, factor) => {
    const found = diagnosisOf(
      tables('pkpo-loo1', 8, 3, (weight) => factor * weight),
      8,
    );
    expect(found.estimates).toBe('multiple');
    expect(found.matchedK).toBe(3);
    expect(found.mistakes).toContain(name);
  });

  test('off by one in k, by itself and against the k that the file says', () => {
    // rho(n-1, c, k) in the place of rho(n-1, c, k-1).
    const [n, k] = [8, 3];
    const late = weightTable(findEstimator('pkpo')!, n, k + 1);
    const shifted = tables('pkpo', n, k, (weight, c, reward) =>
      reward === 1 ? weight : (late.wrong[c] / (k + 1)) * k,
    );
    const found = diagnosisOf(shifted, n);
    expect(found.matchedK).toBe(k + 1);
    expect(found.factor).toBeCloseTo(k / (k + 1), 12);
    expect(found.mistakes.join()).toContain('off by one in k: meant for pass@3');
    expect(diagnosisOf(shifted, n, k).mistakes[0]).toContain('off by one in k: meant for pass@3');
    // A right table with a wrong label.
    const labelled = diagnosisOf(tables('ordergrad', 8, 4), 8, 5);
    expect(labelled.estimates).toBe('unbiased');
    expect(labelled.mistakes[0]).toContain('off by one in k: the file says k = 5');
  });

  test('pass@k advantages before their division by std', () => {
    const found = diagnosisOf(
      tables('ordergrad', 8, 2, (weight) => weight * 3),
      8,
      2,
    );
    expect(found.mistakes).toEqual(['pass@k advantages before their division by std']);
  });
});

describe('tables that are right', () => {
  test.each(
    estimators
      .filter(({ objective }) => objective.estimates !== 'other')
      .flatMap((estimator) => (estimator.usesK ? [2, 5, 7] : [null]).map((k) => ({ estimator, k }))),
  )('$estimator.id, k = $k, is unbiased, and stays so under any baseline', ({ estimator, k }) => {
    const baseline = [0.3, -1.7, 2.2, 0, 0.9, -0.4, 5.1, 1.3];
    for (const shift of [0, 1]) {
      const found = diagnosisOf(
        tables(
          estimator.id,
          8,
          k,
          (weight, c, reward) => weight + shift * baseline[reward === 1 ? c - 1 : c],
        ),
        8,
      );
      expect(found.estimates).toBe('unbiased');
      expect(found.matchedK).toBe(k ?? 1);
      expect(found.curve!.rows.every(({ ratio }) => Math.abs(ratio - 1) < 1e-6)).toBe(true);
    }
  });

  test('n = 1024 is answered as well', () => {
    const found = diagnosisOf(tables('ordergrad', 1024, 16), 1024, 16);
    expect([found.estimates, found.matchedK]).toEqual(['unbiased', 16]);
  });
});

describe('tables that estimate something else', () => {
  test('the catalogue is recognised, up to a factor', () => {
    const found = diagnosisOf(tables('grpo', 8, null), 8);
    expect(found.estimates).toBe('other');
    expect(found.sameAs[0]).toEqual({ estimator: 'grpo', k: null, factor: expect.closeTo(1, 9) as number });
    expect(found.finding).toMatch(
      /it is grpo: unbiased for no pass@k.*; alpha_eff\/alpha_1 is 2\.\d+ at p = 0.01/,
    );
    const twice = diagnosisOf(
      tables('passk-training', 8, 4, (weight) => 2 * weight),
      8,
      4,
    );
    expect(twice.finding).toContain('2 times passk-training at k = 4');
  });

  test('maxrl is the gradient of sum_k J_k / k up to n - 1, and every table of some mixture', () => {
    const found = diagnosisOf(tables('maxrl', 6, null), 6);
    expect(found.estimates).toBe('other');
    found.mixture!.forEach((coefficient, i) => expect(coefficient).toBeCloseTo(i < 5 ? 1 / (i + 1) : 0, 12));
    diagnosisOf(tables('pkpo', 6, 4), 6).mixture!.forEach((coefficient, i) =>
      expect(coefficient).toBeCloseTo(i === 3 ? 1 : 0, 12),
    );
  });

  test('a baseline alone estimates nothing', () => {
    const correct = [0, 3, 1, 4];
    const found = diagnosisOf({ correct, wrong: [3, 1, 4, 0] }, 3);
    expect(found.estimates).toBe('nothing');
  });
});

describe('rounding and missing weights', () => {
  test.each([
    ['pkpo-loo1', 4, 2, 1e5],
    ['reinforce', 1024, 1, 1000],
    ['ordergrad', 16, 8, 1e6],
  ])('%s, n = %i, k = %i with a baseline of %d is still unbiased', (id, n, k, baseline) => {
    const weights = tables(id, n, id === 'reinforce' ? null : k, (weight) => weight + baseline);
    expect(diagnosisOf(weights, n)).toMatchObject({ estimates: 'unbiased', matchedK: k });
  });

  test('a baseline that leaves nothing of the differences is said to', () => {
    const float32 = tables('ordergrad', 8, 4, (weight) => Math.fround(weight + 1e9));
    const found = diagnosisOf(float32, 8);
    expect(found.estimates).not.toBe('unbiased');
    expect(found.factor).toBeNull();
  });

  test('small weights count as much as large ones: what is wrong only near J1 = 1 is wrong', () => {
    // The last nonzero weight of pkpo-loo1 is 1e-9 of its first, and all of alpha_k at J1 -> 1.
    const last = 17;
    const changed = tables('pkpo-loo1', 32, 16, (weight, c, reward) =>
      reward === 1 && c === last ? 0 : weight,
    );
    const found = diagnosisOf(changed, 32, 16);
    expect(found.estimates).toBe('other');
    expect(found.curve!.rows.at(-1)!.ratio).toBeLessThan(0.1);
    for (const [n, k] of [
      [16, 14],
      [12, 4],
      [64, 4],
    ]) {
      for (const c of [1, 2, n - k + 1]) {
        const off = tables('pkpo-loo1', n, k, (weight, count, reward) =>
          reward === 1 && count === c ? weight * 1.001 : weight,
        );
        const { estimates, finding } = diagnosisOf(off, n);
        expect(estimates, `n = ${n}, k = ${k}, c = ${c}`).toBe('other');
        if (k > 4) continue;
        expect(finding).toContain(`times that of pass@${k}, off by up to`);
      }
    }
  });

  test('differences that are 0 where the file has them decide nothing', () => {
    const text = 'n,c,reward,advantage\n4,2,1,0\n4,2,0,0\n4,3,1,0\n4,3,0,0\n4,4,1,0\n';
    const found = identifyTable(readOwnEstimators(text, 'log.csv', 'sum')[0]);
    expect(found.estimates).toBe('unknown');
    expect(found.finding).toBe(
      'undecided: 3 weights are missing; those that there are fit the gradients of pass@3, pass@4',
    );
    expect(found.centred).toBeNull();
  });

  test('numbers cut to four decimals are known no better, and quotes are taken off', () => {
    const table = weightTable(findEstimator('ordergrad')!, 8, 4);
    const rows = Array.from({ length: 9 }, (_, c) => [
      ...(c > 0 ? [`"8","${c}","1","${table.correct[c].toFixed(4)}"`] : []),
      ...(c < 8 ? [`"8","${c}","0","${table.wrong[c].toFixed(4)}"`] : []),
    ]).flat();
    const text = ['"n","c","reward","advantage"', ...rows].join('\r\n');
    expect(identifyTable(readOwnEstimators(text, 'log.csv', 'sum')[0])).toMatchObject({
      estimates: 'unbiased',
      matchedK: 4,
      centred: true,
    });
  });
});

describe("rollouts' advantages as another program logged them", () => {
  const csv = (rows: readonly (readonly [number, number, number, number])[]): string =>
    ['n,c,reward,advantage', ...rows.map((row) => row.join(','))].join('\n');
  const logged = (id: string, n: number, k: number | null, cs: readonly number[]): string => {
    const table = weightTable(findEstimator(id)!, n, k);
    return csv(
      cs.flatMap((c) => [
        ...Array.from({ length: c }, () => [n, c, 1, Math.fround(table.correct[c])] as const),
        ...Array.from({ length: n - c }, () => [n, c, 0, Math.fround(table.wrong[c])] as const),
      ]),
    );
  };

  test('float32 logs of every c are complete', () => {
    const [own] = readOwnEstimators(logged('ordergrad', 8, 4, [0, 1, 2, 3, 4, 5, 6, 7, 8]), 'log.csv', 'sum');
    expect(identifyTable(own)).toMatchObject({
      estimates: 'unbiased',
      matchedK: 4,
      missing: [],
      centred: true,
    });
  });

  test('what the log lacks is said, and what it has decides where it can', () => {
    const [own] = readOwnEstimators(logged('pkpo', 8, 4, [1, 2, 3]), 'log.csv', 'sum');
    const found = identifyTable(own);
    expect(found).toMatchObject({ estimates: 'unbiased', matchedK: 4, curve: null });
    expect(found.missing).toContain('w0(0)');
    // One c alone holds no pair w1(m+1), w0(m).
    const [alone] = readOwnEstimators(logged('pkpo', 8, 4, [2]), 'log.csv', 'sum');
    expect(identifyTable(alone).estimates).toBe('unknown');
  });

  test('the mean convention divides by n', () => {
    const text = logged('pkpo', 4, 2, [0, 1, 2, 3, 4]);
    expect(identifyTable(readOwnEstimators(text, 'log.csv', 'mean')[0]).mistakes).toContain(
      'averaged over the group instead of summed',
    );
  });

  test.each([
    ['n,c,reward\n4,1,1', /line 1: expected JSON, or CSV with the columns n,c,reward,advantage/],
    ['n,c,reward,advantage\n4,1,1,x', /line 2, advantage: expected a decimal number, got "x"/],
    ['n,c,reward,advantage\n4,5,1,0', /line 2, c: expected an integer in 0..4, got 5/],
    ['n,c,reward,advantage\n4,0,1,0', /reward 1 with c = 0 of 4/],
    ['n,c,reward,advantage\n4,1,2,0', /reward: expected 0 or 1/],
    ['n,c,reward,advantage\n4,1,1,0.5\n4,1,1,0.6', /line 2: expected one advantage.*0.5 to 0.6/],
    ['n,c,reward,advantage\n4,1,1,0,5', /line 2: expected 4 fields, as in line 1, got 5/],
    ['n,n,c,reward,advantage\n4,4,1,1,0', /each once/],
    ['n,c,reward,advantage\n4,1,1,0x10', /a decimal number, got "0x10"/],
    ['n,c,reward,advantage\n', /at least one rollout/],
    ['{"format": "passk-estimator@1"', /expected JSON/],
    ['[]', /at least one table/],
  ])('%j is refused in one line', (text, message) => {
    expect(() => readOwnEstimators(text, 'log.csv', 'sum')).toThrow(message);
  });

  test.each([
    [{ correct: [1, 2], wrong: [0, 0, 0, 0] }, /correct: expected 4 weights.*got 2/],
    [{ correct: [1, 1, 1, 1], wrong: [0, 0, 0] }, /correct\[0\]: expected null or 0/],
    [{ correct: [null, '1/0', 1, 1], wrong: [0, 0, 0] }, /correct.1: expected a number of size at most/],
    [{ correct: [null, 1, 1], wrong: [0, 0, 0] }, /expected 4 weights.*3 with null for c = 0 among them/],
    [{ correct: [1, 1, 1], wrong: [0, 0, null] }, /expected 4 weights.*3 with null for c = 3 among them/],
    [{ correct: [1, 1e308, 1], wrong: [0, 0, 0] }, /correct\[1\]: expected a number of size at most 1e\+100/],
    [{ correct: ['1/3', '1/3', '1/3'], wrong: [0, 0, 0], code: 'alert(1)' }, /code/],
  ])('%j is refused in one line', (part, message) => {
    const text = JSON.stringify({ format: 'passk-estimator@1', name: 'mine', n: 3, ...part });
    expect(() => readOwnEstimators(text, 'mine.json', 'sum')).toThrow(message);
  });

  test('fractions and tables for several n are read', () => {
    const entry = (n: number): object => ({
      format: 'passk-estimator@1',
      name: 'mine',
      n,
      correct: Array.from({ length: n }, () => `1/${n}`),
      wrong: Array.from({ length: n }, () => '0'),
    });
    const read = readOwnEstimators(JSON.stringify([entry(2), entry(3)]), 'mine.json', 'sum');
    expect(read.map((own) => identifyTable(own).estimates)).toEqual(['unbiased', 'unbiased']);
    expect(() => readOwnEstimators(JSON.stringify([entry(2), entry(2)]), 'mine.json', 'sum')).toThrow(/once/);
  });
});
