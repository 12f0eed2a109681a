/** Numbers as people read them. */
import { describe, expect, test } from 'vitest';
import {
  formatConcise,
  formatCount,
  formatDuration,
  formatNumber,
  formatProb,
  formatSamples,
  formatWithError,
} from '../../src/view/format.ts';

describe('formats', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [999.6, '1.00 k'],
    [8_420_000, '8.42 M'],
    [1.2e9, '1.20 G'],
    [9.9e20, '9.90e+5 P'],
  ])('count %d is %s', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  test.each([
    [0.4, '0 ms'],
    [430, '430 ms'],
    [12_340, '12.3 s'],
    [250_000, '4 min 10 s'],
    [Infinity, '?'],
    [NaN, '?'],
  ])('duration %d is %s', (value, text) => {
    expect(formatDuration(value)).toBe(text);
  });

  test.each([
    [null, 'n/a'],
    [0, '0'],
    [0.123456, '0.1235'],
    [-1234.5678, '-1235'],
    [1e-4, '1.00e-4'],
    [123456, '1.23e+5'],
  ])('number %s is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  test.each([
    [0.5, '0.5'],
    [1e-6, '1e-6'],
    [1 - 1e-6, '1 - 1e-6'],
    [0, '0'],
    [1, '1'],
  ])('probability %d is %s', (value, text) => {
    expect(formatProb(value)).toBe(text);
  });

  test.each([
    [1.00312, 0.00134, '1.0031 ± 0.0013'],
    [5, 0, '5'],
    [0.5, 1e-12, '0.5 ± 1.00e-12'],
  ])('%d with error %d is %s', (value, error, text) => {
    expect(formatWithError(value, error)).toBe(text);
  });

  test.each([
    [0.9984, 0.0012, 2, '0.9984(12)'],
    [0.9984, 0.00996, 1, '1.00(1)'],
    [0.5, 0.0995, 2, '0.50(10)'],
    [0.5, null, 2, '0.5'],
    [12, 3, 2, '12.0(30)'],
    [120, 30, 2, '120 ± 30'],
  ])('%d, error %d to %d digits, is %s', (value, error, digits, text) => {
    expect(formatConcise(value, error, digits)).toBe(text);
  });

  test('samples that must be reached are rounded up, but not by float rounding', () => {
    expect(formatSamples(10.2)).toBe('11');
    expect(formatSamples(10 + 1e-12)).toBe('10');
  });
});
