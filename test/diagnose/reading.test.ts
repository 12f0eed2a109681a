import { describe, expect, test } from 'vitest';
import { findColumns, readColumnMap } from '../../src/diagnose/columns.ts';
import type { Evaluation } from '../../src/diagnose/evaluation.ts';
import { modelsOfFiles } from '../../src/diagnose/fileModels.ts';
import { readEvaluations as read } from '../evaluations.ts';

const countsOf = (evaluation: Evaluation): [string, number, number][] =>
  [...evaluation.problems].map(([problem, { n, correct }]) => [problem, n, correct]);

describe('reading', () => {
  test('counts: columns by name, in any order, quoted fields with commas and line ends, cut anywhere', async () => {
    const [a, b] = await read(
      'correct,model,n,problem\r\n3,x,8,"one, ""two""\nthree"\r\n0,y,4,q\r\n\r\n5,x,8,r\r\n',
    );
    expect(a.model).toBe('x');
    expect(countsOf(a)).toEqual([
      ['one, "two"\nthree', 8, 3],
      ['r', 8, 5],
    ]);
    expect(countsOf(b)).toEqual([['q', 4, 0]]);
  });

  test('samples: any usual truth value; semicolons; a byte order mark; the model is the file where no column says', async () => {
    const [a] = await read('\uFEFFproblem;correct\np;TRUE\np;0\nq;false\np;1\n', 'run7.csv', undefined, 1000);
    expect(a.model).toBe('run7');
    expect(countsOf(a)).toEqual([
      ['p', 3, 2],
      ['q', 1, 0],
    ]);
  });

  test('JSONL with rewards and checkpoints, in the order of their numbers', async () => {
    const line = (checkpoint: number, reward: number): string =>
      JSON.stringify({ task_id: 't/1', reward, model: 'm', step: checkpoint });
    const all = await read([line(200, 0.4), line(30, 0.9), line(200, 0.7)].join('\n'), 'r.jsonl', {
      columns: {},
      rewardThreshold: 0.5,
    });
    expect(all.map(({ checkpoint }) => checkpoint)).toEqual(['30', '200']);
    expect(countsOf(all[1])).toEqual([['t/1', 2, 1]]);
  });

  const refusals: readonly (readonly [string, string, string])[] = [
    [
      'a bad count',
      'problem,n,correct\np,8,3\nq,8,9\n',
      'line 3: expected correct, an integer in 0..8, got "9"',
    ],
    [
      'n that is no integer',
      'problem,n,correct\np,8.5,3\n',
      'line 2: expected n, an integer in 1..1000000, got "8.5"',
    ],
    [
      'a problem twice',
      'problem,n,correct\np,8,3\np,8,3\n',
      'line 3: expected each problem once, got "p" again',
    ],
    ['a reward between', 'problem,reward\np,0.5\n', '(others need --reward-threshold), got "0.5"'],
    [
      'a truth unknown',
      'problem,correct\np,maybe\n',
      'line 2: expected correct to be true or false, 1 or 0, got "maybe"',
    ],
    ['two readings', 'problem,correct,reward\np,1,1\n', "expected one of 'correct' and 'reward'"],
    ['two columns for one role', 'task,question,correct\np,q,1\n', "one column that could be 'problem'"],
    ['no column for a role', 'problem,answer\np,1\n', "a column 'correct' or 'reward'"],
    ['nothing below the header', 'problem,correct\n', 'at least one row below the header'],
  ];
  test.each(refusals)('%s is refused in one line', async (_, text, words) => {
    await expect(read(text)).rejects.toThrow(words);
  });

  test('the line of a bad row counts line ends within quotes', async () => {
    await expect(read('problem,correct\n"a\nb",1\nq,maybe\n')).rejects.toThrow('line 4: expected correct');
  });

  test('names are mapped when asked, guessed when there is one way, and the guess is said', () => {
    expect(findColumns(['task_id', 'passed'], {}, 'f', '--columns')).toMatchObject({
      shape: 'samples',
      names: { problem: 'task_id', correct: 'passed' },
      guesses: ['column "task_id" is taken for \'problem\'', 'column "passed" is taken for \'correct\''],
    });
    const mapped = findColumns(
      ['task', 'question', 'ok'],
      readColumnMap('problem=question,correct=ok', '--columns'),
      'f',
      '--columns',
    );
    expect(mapped.names).toMatchObject({ problem: 'question', correct: 'ok' });
    expect(() => readColumnMap('problem', '--columns')).toThrow('role=column pairs');
    expect(() => findColumns(['a'], { problem: 'b' }, 'f', '--columns')).toThrow(
      '--columns problem: expected one of "a", got "b"',
    );
  });
});

describe('files of all kinds', () => {
  test('are models by their names, by their paths where those are alike', () => {
    expect(modelsOfFiles(['x/before.csv', 'y/after.jsonl'])).toEqual(['before', 'after']);
    expect(modelsOfFiles(['runs/base/results.csv', 'runs/rl/results.csv'])).toEqual([
      'base/results',
      'rl/results',
    ]);
    expect(modelsOfFiles(['results.csv', 'results.csv'])).toEqual(['results', 'results (2)']);
    const long = 'x'.repeat(100);
    expect(new Set(modelsOfFiles([`${long}_base.csv`, `${long}_rl.csv`])).size).toBe(2);
  });

  test('a name cannot move a cursor or begin a line', async () => {
    const [a] = await read('problem,correct,model\np,1,"\u001b[31mred\n# x"\n');
    expect(a.model).toBe('?[31mred?# x');
  });

  test("rows of nothing, empty columns and a spreadsheet's own first line are passed over", async () => {
    const [a] = await read('sep=;\nproblem;n;correct;;\np;8;3;;\n;;;;\n;;;;\n');
    expect(countsOf(a)).toEqual([['p', 8, 3]]);
  });

  test('a quote opens a field at its beginning only; one that never closes is refused', async () => {
    const [a] = await read('problem,correct\n5" disk,1\n6" disk,0\n');
    expect([...a.problems.keys()]).toEqual(['5" disk', '6" disk']);
    await expect(read('problem,correct\np,1\n"q,0\nr,1\n')).rejects.toThrow(
      'quotes that open and close a field',
    );
    const lost = [
      'problem,correct',
      '"p,1',
      ...Array.from({ length: 150 }, (_, i) => `q${i},1`),
      'r",0',
      '',
    ].join('\n');
    await expect(read(lost)).rejects.toThrow('quotes that open and close a field');
  });

  test('a key that comes late is refused, not ignored; an id beyond exact integers too', async () => {
    const late = '{"problem":"p","correct":1}\n{"problem":"p","correct":1,"model":"x"}\n';
    await expect(read(late, 'e.jsonl')).rejects.toThrow(
      "line 2: expected the keys of the first row, got a 'model'",
    );
    await expect(read('{"problem":9007199254740993,"correct":1}\n', 'e.jsonl')).rejects.toThrow(
      'expected a problem',
    );
  });

  test('a count without n is asked for its n, and a role can be said to be none', async () => {
    await expect(read('problem,num_correct\np,1\n')).rejects.toThrow("a column 'n' beside the count");
    const [a] = await read('problem,step,correct\np,0,1\np,1,0\n', 'e.csv', {
      columns: readColumnMap('checkpoint=-', '--columns'),
      rewardThreshold: null,
    });
    expect(a.checkpoint).toBeNull();
    expect(countsOf(a)).toEqual([['p', 2, 1]]);
  });

  test('checkpoints are ordered by number where all are numbered alike, else as they came', async () => {
    const names = async (checkpoints: readonly string[]): Promise<(string | null)[]> =>
      (
        await read(['problem,correct,checkpoint', ...checkpoints.map((name) => `p,1,${name}`)].join('\n'))
      ).map(({ checkpoint }) => checkpoint);
    expect(await names(['step-100', 'step-20'])).toEqual(['step-20', 'step-100']);
    expect(await names(['1.0', '.25', '0.5'])).toEqual(['.25', '0.5', '1.0']);
    expect(await names(['base', 'step-20', 'step-100', 'final'])).toEqual([
      'base',
      'step-20',
      'step-100',
      'final',
    ]);
  });
});
