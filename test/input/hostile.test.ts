/** Inputs that once ended a command without a word, or with too many. Each is the smallest case of its kind. */
import { describe, expect, test } from 'vitest';
import { identifyTable } from '../../src/identify/identify.ts';
import { readOwnEstimators } from '../../src/identify/readOwn.ts';
import { InputError } from '../../src/input/inputError.ts';
import { MAX_JSON_DEPTH, parseJson } from '../../src/input/schema.ts';
import { readReport } from '../../src/lab/suite/compare.ts';
import { parseProblem } from '../../src/problem/problemFile.ts';
import { readEvaluations } from '../evaluations.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('JSON', () => {
  test('nests to a limit, counted outside texts', () => {
    expect(() => parseJson(nested(MAX_JSON_DEPTH), 'f')).not.toThrow();
    expect(() => parseJson(nested(MAX_JSON_DEPTH + 1), 'f')).toThrow(
      /f: expected at most 64 levels of nesting/,
    );
    expect(() => parseJson(JSON.stringify({ text: `\\"${nested(1000)}` }), 'f')).not.toThrow();
    expect(() => parseJson(`{"a":${nested(100_000)}}`, 'f')).toThrow(InputError);
  });

  test('wide is not deep', () => {
    expect(() => parseJson(`[${'{},'.repeat(10_000)}{}]`, 'f')).not.toThrow();
  });
});

describe('a report', () => {
  test.each(['constructor', '__proto__', 'toString'])('with a key %s is no report', (key) => {
    expect(() => readReport(JSON.parse(`{"format":"passk-report@1","${key}":1}`), 'f')).toThrow(InputError);
  });
});

describe('an evaluation', () => {
  test.each([
    [
      'a reward within arrays',
      '{"problem":"a","reward":[[1]]}',
      /expected a reward of 0 or 1.*an array of 1/,
    ],
    ['a reward nested without end', `{"problem":"a","reward":${nested(5000)}}`, /at most 64 levels/],
    ['a reward that is an object', '{"problem":"a","reward":{"valueOf":1}}', /got an object/],
    ['a problem that is an array', '{"problem":["a"],"reward":1}', /expected a problem/],
  ])('%s', async (_, line, words) => {
    await expect(readEvaluations(`${line}\n`, 'e.jsonl')).rejects.toThrow(words);
  });

  test('a column named like what every object has is read where it is, and nowhere else', async () => {
    const rows = ['{"problem":"a","reward":1,"constructor":"x"}', '{"problem":"b","reward":0}'];
    await expect(
      readEvaluations(rows.join('\n'), 'e.jsonl', { columns: { model: 'constructor' } }),
    ).rejects.toThrow(/expected a model, got nothing/);
    const [{ problems }] = await readEvaluations('problem,reward,constructor\na,1,x\n');
    expect([...problems.keys()]).toEqual(['a']);
  });

  test.each([
    ['JSONL', 'e.jsonl', '{"problem":"a","reward":"'],
    ['CSV', 'e.csv', 'problem,reward\na,'],
  ])('%s without a line end stops at a limit, and says so', async (_, name, start) => {
    const text = start + 'x'.repeat(5_000_000);
    await expect(readEvaluations(text, name, {}, 2 ** 16)).rejects.toThrow(/a line end within 4194304/);
  });

  test('a header of very many columns is not told to mend its quotes', async () => {
    const header = Array.from({ length: 5000 }, (_, i) => `c${i}`).join();
    await expect(readEvaluations(`${header}\n`, 'e.csv', {}, 2 ** 16)).rejects.toThrow(
      /at most 4096 columns, got 5000/,
    );
  });
});

test('features whose squares are no numbers are refused', () => {
  const problem = (feature: string): string =>
    `{"format":"passk-problem@1","vocab":2,"horizon":1,"context":"none","features":[[${feature}]],` +
    '"prompts":[{"id":"p","logits":[[0,0]],"accept":{"sequences":[[0]]}}]}';
  expect(() => parseProblem(problem('1e100'))).not.toThrow();
  expect(() => parseProblem(problem('1.7e308'))).toThrow(/features\[0\]\[0\]: expected a number within/);
});

test('a k far beyond n gives numbers or nothing, never infinity', () => {
  const [own] = readOwnEstimators(
    JSON.stringify({
      format: 'passk-estimator@1',
      name: 'mine',
      n: 4,
      k: 4097,
      correct: [null, 1, 1, 1, 1],
      wrong: [0, 0, 0, 0, null],
    }),
    'f',
    'sum',
  );
  const found = identifyTable(own);
  for (const { ratio, alpha } of found.curve?.rows ?? []) {
    expect(Number.isFinite(ratio)).toBe(true);
    expect(alpha).toBeGreaterThan(0);
  }
  expect(found.finding).not.toMatch(/Infinity|NaN/);
});
