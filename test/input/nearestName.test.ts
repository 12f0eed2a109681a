import { expect, test } from 'vitest';
import { nearestAdvice } from '../../src/input/nearestName.ts';

test.each([
  ['varience', 'did you mean variance?'],
  ['Relation', 'did you mean relation?'],
  ['figure', 'did you mean figure1?'],
  ['quik', 'did you mean quick?'],
  ['', undefined],
  ['zzzzzz', undefined],
  ['x'.repeat(1e6), undefined],
])('%s', (text, advice) => {
  expect(nearestAdvice(text, ['relation', 'variance', 'figure1', 'quick'])).toBe(advice);
});
