import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/input/inputError.ts';
import { parseProblem } from '../../src/problem/problemFile.ts';

const good = {
  format: 'passk-problem@1',
  vocab: 3,
  horizon: 2,
  context: 'none',
  prompts: [
    {
      id: 'p0',
      logits: [
        [0.1, -1, 0],
        [0, 0, 2],
      ],
      accept: {
        sequences: [
          [0, 1],
          [2, 2],
        ],
      },
    },
  ],
};

type Draft = Record<string, unknown> & { prompts: Record<string, unknown>[] };

function message(edit: (draft: Draft) => void): string {
  const draft = structuredClone(good) as unknown as Draft;
  edit(draft);
  try {
    parseProblem(JSON.stringify(draft), 'a.json');
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  throw new Error('the file was accepted');
}

const accept = (clause: unknown) => (draft: Draft) => {
  draft.prompts[0].accept = clause;
};
const logits = (rows: unknown) => (draft: Draft) => {
  draft.prompts[0].logits = rows;
};
const probabilities = (rows: unknown) => (draft: Draft) => {
  delete draft.prompts[0].logits;
  draft.prompts[0].probabilities = rows;
};

describe('a problem file', () => {
  test('is read when it is right', () => {
    expect(parseProblem(JSON.stringify(good))).toEqual(good);
  });

  test('with a hostile key is refused in one printable line, however the key is called or how long it is', () => {
    for (const key of [
      'a\u001b[31m\nb',
      '\u202e',
      'k'.repeat(100_000),
      '__proto__',
      'constructor',
      'prototype',
    ]) {
      for (const place of ['"format"', '"id"', '"sequences"']) {
        const text = JSON.stringify(good).replace(place, `${JSON.stringify(key)}:{},${place}`);
        expect(() => parseProblem(text, 'a.json')).toThrow(/^[\x20-\x7e]{1,620}$/);
      }
    }
  });

  test('that is not JSON is refused in one line', () => {
    expect(() => parseProblem('{"format":', 'a.json')).toThrow(/^a\.json: expected JSON, got /);
  });

  const cases: [string, (draft: Draft) => void, string][] = [
    [
      'an unknown key',
      (d) => (d.extra = 1),
      'a.json: extra: expected no such key, got "extra"; remove it or correct its spelling',
    ],
    [
      'an unknown key in a prompt',
      (d) => (d.prompts[0].logit = 1),
      'a.json: prompts[0].logit: expected no such key',
    ],
    ['a wrong format', (d) => (d.format = 'x'), 'a.json: format: expected \'passk-problem@1\', got "x"'],
    ['a vocabulary of 0', (d) => (d.vocab = 0), 'a.json: vocab: expected an integer in 1..4096, got 0'],
    ['a huge vocabulary', (d) => (d.vocab = 5000), 'a.json: vocab: expected an integer in 1..4096, got 5000'],
    ['no prompts', (d) => (d.prompts = []), 'a.json: prompts: expected at least one prompt, got none'],
    [
      'too large a policy, before its rows are read',
      (d) => Object.assign(d, { vocab: 4096, horizon: 4096 }),
      'a.json: expected at most 4194304 policy entries',
    ],
    [
      'a missing row',
      logits([[1, 2, 3]]),
      'a.json: prompts[0].logits: expected an array of 2 rows, got an array of 1',
    ],
    [
      'a short row',
      logits([
        [1, 2],
        [1, 2, 3],
      ]),
      'a.json: prompts[0].logits[0]: expected an array of 3 numbers, got an array of 2',
    ],
    [
      'a text for a number',
      logits([
        [1, 2, '3'],
        [1, 2, 3],
      ]),
      'a.json: prompts[0].logits[0][2]: expected a finite number, got "3"',
    ],
    [
      'a null for a number',
      logits([
        [1, 2, null],
        [1, 2, 3],
      ]),
      'a.json: prompts[0].logits[0][2]: expected a finite number, got null',
    ],
    [
      'both logits and probabilities',
      (d) => (d.prompts[0].probabilities = []),
      "a.json: prompts[0]: expected one of 'logits' and 'probabilities', got both",
    ],
    [
      'a negative probability',
      probabilities([
        [1.5, -0.5, 0],
        [1, 0, 0],
      ]),
      'a.json: prompts[0].probabilities[0][1]: expected a probability >= 0, got -0.5',
    ],
    [
      'probabilities that do not sum to 1',
      probabilities([
        [0.5, 0.4, 0],
        [1, 0, 0],
      ]),
      'a.json: prompts[0].probabilities[0]: expected probabilities with |sum - 1| <= 1e-9, got a sum of 0.9',
    ],
    [
      'no accepted sequence',
      accept({ sequences: [] }),
      'a.json: prompts[0].accept.sequences: expected at least one sequence, got none',
    ],
    [
      'a duplicate sequence',
      accept({
        sequences: [
          [0, 1],
          [1, 1],
          [0, 1],
        ],
      }),
      'a.json: prompts[0].accept.sequences[2]: expected distinct sequences, got the same as sequences[0]',
    ],
    [
      'a sequence that is too short',
      accept({ sequences: [[0]] }),
      'a.json: prompts[0].accept.sequences[0]: expected an array of 2 tokens',
    ],
    [
      'a token out of range',
      accept({ sequences: [[0, 3]] }),
      'a.json: prompts[0].accept.sequences[0][1]: expected an integer in 0..2, got 3',
    ],
    [
      'a residue that the modulus cannot leave',
      accept({ sum: { modulus: 3, residue: 3 } }),
      'a.json: prompts[0].accept.sum.residue: expected an integer in 0..2, got 3',
    ],
    [
      'a huge modulus',
      accept({ sum: { modulus: 4e6, residue: 0 } }),
      'expected at most 4194304 automaton entries',
    ],
    [
      'a state out of range',
      accept({ automaton: { start: 0, accept: [0], next: [[0, 0, 1]] } }),
      'a.json: prompts[0].accept.automaton.next[0][2]: expected an integer in 0..0, got 1',
    ],
    [
      'an unknown kind of verifier',
      accept({ regex: '.*' }),
      "a.json: prompts[0].accept: expected one of 'sequences', 'sum' and 'automaton', got \"regex\"",
    ],
    [
      'a duplicate id',
      (d) => d.prompts.push(structuredClone(d.prompts[0])),
      'a.json: prompts[1].id: expected a distinct id, got "p0", as prompts[0]',
    ],
    [
      'an id with control characters',
      (d) => (d.prompts[0].id = 'a\u001b[2J'),
      'a.json: prompts[0].id: expected printable characters, got "a\\u001b[2J"',
    ],
    [
      'features for other prompts',
      (d) => (d.features = [[1], [2]]),
      'a.json: features: expected an array of 1 rows, one per prompt, got an array of 2',
    ],
    [
      'features of no width',
      (d) => (d.features = [[]]),
      'a.json: features[0]: expected at least one feature, got an array of 0',
    ],
  ];
  test.each(cases)('with %s is refused, naming the place', (_, edit, expected) => {
    const text = message(edit);
    expect(text).toContain(expected);
    expect(text).toMatch(/^[\x20-\x7e]+$/);
  });
});
