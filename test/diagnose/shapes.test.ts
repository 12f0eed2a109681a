/** Shapes that results come in, and what must not pass in silence. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { SettingTexts } from '../../src/diagnose/settings.ts';
import { countsOf, diagnoseSources, diagnoseTexts, sourceOf, type Counts } from './files.ts';

const lines = (...rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const TWO: Counts = { p: [4, 3], q: [4, 1] };
const samples = [
  ['p', 1],
  ['q', 0],
  ['p', 1],
  ['q', 1],
  ['p', 0],
  ['q', 0],
  ['p', 1],
  ['q', 0],
] as const;
const csv = (words: readonly [string, string], header = 'problem,correct'): string =>
  [header, ...samples.map(([problem, right]) => `${problem},${words[right === 1 ? 1 : 0]}`)].join('\n');

function utf16(text: string, isLittle: boolean, hasMark: boolean): Uint8Array {
  const bytes = Buffer.from(`${hasMark ? '\uFEFF' : ''}${text}`, 'utf16le');
  return isLittle ? bytes : bytes.swap16();
}

describe('the same two problems', () => {
  const lists = [
    { problem: 'p', score: [true, true, false, true] },
    { problem: 'q', score: [false, true, false, false] },
  ];
  test.each<[string, string, string | Uint8Array, SettingTexts?]>([
    ['lists of truth', 'a.jsonl', lines(...lists)],
    [
      'lists of numbers',
      'a.jsonl',
      lines({ problem: 'p', correctness: [1, 1, 0, 1] }, { problem: 'q', correctness: [0, 1, 0, 0] }),
    ],
    [
      'lists in CSV',
      'a.csv',
      'problem,score\np,"[True, True, False, True]"\nq,"[False, True, False, False]"\n',
    ],
    ['lists as numpy prints them', 'a.csv', 'problem,score\np,[1 1 0 1]\nq,[0 1 0 0]\n'],
    ['an array', 'a.json', JSON.stringify(lists)],
    ['an array over lines', 'a.json', JSON.stringify(lists, null, 2)],
    ['an array called jsonl', 'a.jsonl', JSON.stringify(lists, null, 2)],
    ['an array in an object', 'a.json', JSON.stringify({ config: { n: 4 }, results: lists })],
    ['problems as keys, lists', 'a.json', JSON.stringify({ p: [true, true, false, true], q: [0, 1, 0, 0] })],
    [
      'problems as keys, counts',
      'a.json',
      JSON.stringify({ p: { n: 4, correct: 3 }, q: { n: 4, correct: 1 } }),
    ],
    [
      'problems as keys, samples',
      'a.json',
      JSON.stringify({
        results: {
          p: [1, 1, 0, 1].map((passed) => ({ passed })),
          q: [0, 1, 0, 0].map((passed) => ({ passed })),
        },
      }),
    ],
    ['a count and n', 'a.csv', 'task_id,num_correct,num_samples\np,3,4\nq,1,4\n'],
    ['an accuracy and n', 'a.csv', 'problem,accuracy,n\np,0.75,4\nq,0.25,4\n'],
    [
      'an accuracy and n in JSONL',
      'a.jsonl',
      lines({ id: 'p', acc: 0.75, n: 4 }, { id: 'q', acc: 0.25, n: 4 }),
    ],
    [
      'a list and its n',
      'a.jsonl',
      lines({ id: 'p', correct: [1, 1, 0, 1], n: 4 }, { id: 'q', correct: [0, 1, 0, 0], n: 4 }),
    ],
    [
      'nested',
      'a.jsonl',
      lines(...samples.map(([problem, right]) => ({ problem, info: { correct: right === 1, tokens: 5 } }))),
      { columns: 'correct=info.correct' },
    ],
    [
      'a path with a star',
      'a.json',
      JSON.stringify({
        date: 'x',
        eval: {
          p: [1, 1, 0, 1].map((base_status) => ({ base_status })),
          q: [0, 1, 0, 0].map((base_status) => ({ base_status })),
        },
      }),
      { columns: 'correct=eval.*.base_status' },
    ],
    [
      'NaN where it does not matter',
      'a.jsonl',
      samples
        .map(
          ([problem, right]) =>
            `{"problem": "${problem}", "correct": ${right === 1}, "logprob": NaN, "x": [-Infinity, "NaN"]}`,
        )
        .join('\n'),
    ],
    ['gzip', 'a.csv.gz', gzipSync(csv(['0', '1']))],
    ['gzip of JSONL', 'a.jsonl.gz', gzipSync(lines(...lists))],
    ['UTF-16', 'a.csv', utf16(csv(['0', '1']), true, true)],
    ['UTF-16, the other way round', 'a.csv', utf16(csv(['0', '1']), false, true)],
    ['UTF-16 without a mark', 'a.csv', utf16(csv(['0', '1']), true, false)],
    ['tabs', 'a.tsv', csv(['0', '1']).replaceAll(',', '\t')],
    ['pass and fail', 'a.csv', csv(['fail', 'pass'])],
    ['C and I', 'a.csv', csv(['I', 'C'])],
    ['OK and Exception', 'a.csv', csv(['Exception', 'OK'], 'problem,status')],
    ['correct and incorrect', 'a.csv', csv(['incorrect', 'correct'], 'question_id,verdict')],
    ['resolved', 'a.csv', csv(['False', 'True'], 'instance_id,resolved')],
    ['doc_id and exact_match', 'a.csv', csv(['0.0', '1.0'], 'doc_id,exact_match')],
    ['example_id and acc', 'a.csv', csv(['0', '1'], 'example_id,acc')],
    ['idx and symbolic_correct', 'a.csv', csv(['false', 'true'], 'idx,symbolic_correct')],
    ['index and score_match', 'a.csv', csv(['0', '1'], 'index,score_match')],
    ['uid and passed', 'a.csv', csv(['0', '1'], 'uid,passed')],
    ['input and success', 'a.csv', csv(['no', 'yes'], 'input,success')],
    [
      'an id beside the question',
      'a.csv',
      ['question_id,question,correct', ...samples.map(([p, right]) => `${p},what is ${p}?,${right}`)].join(
        '\n',
      ),
    ],
  ])('%s', async (_, name, content, texts = {}) => {
    for (const pieceLength of [3, 1000]) {
      const found = await diagnoseTexts({ [name]: content }, texts, pieceLength);
      expect(found.report.models).toHaveLength(1);
      expect(countsOf(found)).toEqual(TWO);
    }
  });
});

describe('files that belong together', () => {
  const seed = (right: readonly number[]): string => `problem,correct\np,${right[0]}\nq,${right[1]}\n`;
  test('seeds, runs and shards are one model by their names', async () => {
    for (const names of [
      ['run/output-rs0.csv', 'run/output-rs1.csv'],
      ['qwen_seed1.csv', 'qwen_seed2.csv'],
      ['eval.part-00000-of-00002.csv', 'eval.part-00001-of-00002.csv'],
    ]) {
      const found = await diagnoseTexts({ [names[0]]: seed([1, 0]), [names[1]]: seed([1, 1]) });
      expect(found.report.models.map(({ model }) => model)).toHaveLength(1);
      expect(countsOf(found)).toEqual({ p: [2, 2], q: [2, 1] });
      expect(found.notes.join()).toContain('several files add to model');
    }
    const found = await diagnoseTexts({
      'run/output-rs0.csv': seed([1, 0]),
      'run/output-rs1.csv': seed([1, 1]),
    });
    expect(found.report.models[0].model).toBe('run');
  });

  test('numbers that may be sizes are models of their own, and --model joins what it is told to', async () => {
    const files = { 'qwen-7b.csv': seed([1, 0]), 'qwen-72b.csv': seed([1, 1]) };
    expect((await diagnoseTexts(files)).report.models.map(({ model }) => model)).toEqual([
      'qwen-7b',
      'qwen-72b',
    ]);
    const joined = await diagnoseTexts(files, { model: 'qwen' });
    expect(joined.report.models.map(({ model }) => model)).toEqual(['qwen']);
    expect(countsOf(joined)).toEqual({ p: [2, 2], q: [2, 1] });
  });

  test('a file a step is a series of checkpoints', async () => {
    const found = await diagnoseTexts({ 'rl/step_200.csv': seed([1, 1]), 'rl/step_30.csv': seed([1, 0]) });
    expect(found.report.models.map(({ model }) => model)).toEqual(['rl @ 30', 'rl @ 200']);
    expect(found.report.checkpoints).toHaveLength(1);
  });

  test('a file of a folder that holds no outcomes is passed over, and said', async () => {
    const { notes, report } = await diagnoseTexts({ 'a.csv': seed([1, 0]) });
    expect([notes, report.models.length]).toEqual([[], 1]);
  });
});

describe('nothing wrong in silence', () => {
  const anyOf = lines(
    ...[0, 1, 2, 3].map((i) => ({
      problem: `p${i}`,
      is_correct: true,
      answers_correctness: [true, false, false, false],
    })),
  );
  test('any of n beside its n: asked, and .25 at n = 4 then', async () => {
    await expect(diagnoseTexts({ 'a.jsonl': anyOf })).rejects.toThrow(
      /"is_correct" beside "answers_correctness", a list of 4 outcomes; .*--columns correct=answers_correctness/,
    );
    const found = await diagnoseTexts({ 'a.jsonl': anyOf }, { columns: 'correct=answers_correctness' });
    expect(found.report.models[0].passAtK['1'].value).toBeCloseTo(0.25, 12);
    expect(found.report.models[0].leastSamples).toBe(4);
  });

  test('two filters of a sample are two scorings', async () => {
    const text = lines(
      ...['strict', 'flexible'].flatMap((filter) =>
        [0, 1].map((i) => ({ problem: `p${i}`, filter, correct: filter === 'strict' ? i : 1 })),
      ),
    );
    await expect(diagnoseTexts({ 'a.jsonl': text })).rejects.toThrow(
      /"strict" and with "flexible" in "filter"; .*--where filter=strict/,
    );
    expect(countsOf(await diagnoseTexts({ 'a.jsonl': text }, { where: 'filter=strict' }))).toEqual({
      p0: [1, 0],
      p1: [1, 1],
    });
    await expect(diagnoseTexts({ 'a.jsonl': text }, { where: 'filter=loose' })).rejects.toThrow(
      /a value that rows have, got "loose"/,
    );
  });

  test('a column of an unknown name that splits every problem alike is asked about as well', async () => {
    const text = [
      'problem,way,correct',
      ...['strict', 'loose'].flatMap((way) => ['p', 'q'].map((p) => `${p},${way},1`)),
    ].join('\n');
    await expect(diagnoseTexts({ 'a.csv': text })).rejects.toThrow(
      /"strict" and "loose" in "way" for every problem/,
    );
    expect(countsOf(await diagnoseTexts({ 'a.csv': text }, { columns: 'sample=way' }))).toEqual({
      p: [2, 2],
      q: [2, 2],
    });
  });

  test('a task that is a benchmark: as many problems as doc_ids', async () => {
    const text = ['task,doc_id,correct', ...[0, 1, 2].map((i) => `aime,${i},${i % 2}`)].join('\n');
    await expect(diagnoseTexts({ 'a.csv': text })).rejects.toThrow(
      /"doc_id" and "task"; say which: --columns problem=doc_id/,
    );
    const found = await diagnoseTexts({ 'a.csv': text }, { columns: 'problem=doc_id' });
    expect(countsOf(found)).toEqual({ 0: [1, 0], 1: [1, 1], 2: [1, 0] });
    const both = await diagnoseTexts({ 'a.csv': text }, { columns: 'problem=task+doc_id' });
    expect(Object.keys(countsOf(both))).toEqual(['aime/0', 'aime/1', 'aime/2']);
  });

  test('two benchmarks with the same numbers are two sets of problems', async () => {
    const text = [
      'benchmark,problem,correct',
      ...['aime', 'amc'].flatMap((name) => [0, 1].map((i) => `${name},${i},${i}`)),
    ].join('\n');
    await expect(diagnoseTexts({ 'a.csv': text })).rejects.toThrow(
      /problem "0" with "aime" and with "amc" in "benchmark"; .*--columns problem=benchmark\+problem/,
    );
    const found = await diagnoseTexts({ 'a.csv': text }, { columns: 'problem=benchmark+problem' });
    expect(countsOf(found)).toEqual({ 'aime/0': [1, 0], 'aime/1': [1, 1], 'amc/0': [1, 0], 'amc/1': [1, 1] });
  });

  test('a sample that a resumed run logged twice counts once, the last time', async () => {
    const rows = ['problem,sample,correct', 'p,0,1', 'p,1,0', 'q,0,0', 'q,1,0', 'p,1,1', 'q,0,0'].join('\n');
    await expect(diagnoseTexts({ 'a.csv': rows })).rejects.toThrow(
      /problem "p" with "sample" "1" again; .*--dedupe/,
    );
    expect(countsOf(await diagnoseTexts({ 'a.csv': rows }, { dedupe: 'yes' }))).toEqual({
      p: [2, 2],
      q: [2, 0],
    });
    const text = rows.replaceAll(',0,', ',first,').replaceAll(',1,', ',second,');
    expect(countsOf(await diagnoseTexts({ 'a.csv': text }, { dedupe: 'yes' }))).toEqual({
      p: [2, 2],
      q: [2, 0],
    });
  });

  test('rows that are alike to the last column can be counted once too', async () => {
    const text = ['problem,answer,correct', 'p,a,1', 'p,a,1', 'p,b,0', 'q,a,0', 'q,c,0'].join('\n');
    expect(countsOf(await diagnoseTexts({ 'a.csv': text }))).toEqual({ p: [3, 2], q: [2, 0] });
    expect(countsOf(await diagnoseTexts({ 'a.csv': text }, { dedupe: 'yes' }))).toEqual({
      p: [2, 1],
      q: [2, 0],
    });
  });

  test('a problem that is another in every row, where the question is not', async () => {
    const text = [
      'id,question,correct',
      ...samples.map(([p, right], i) => `${i},what is ${p}?,${right}`),
    ].join('\n');
    await expect(diagnoseTexts({ 'a.csv': text })).rejects.toThrow(
      /"id" with another value in every row; .*--columns problem=question/,
    );
    const found = await diagnoseTexts({ 'a.csv': text }, { columns: 'problem=question' });
    expect(Object.values(countsOf(found))).toEqual([
      [4, 3],
      [4, 1],
    ]);
  });

  test('models in a column without a name of its own', async () => {
    const text = [
      'problem,system,correct',
      ...samples.map(([p, right], i) => `${p},${i < 4 ? 'a' : 'b'},${right}`),
    ].join('\n');
    await expect(diagnoseTexts({ 'a.csv': text })).rejects.toThrow(/in "system"; .*--columns model=system/);
    expect((await diagnoseTexts({ 'a.csv': text }, { columns: 'model=system' })).report.models).toHaveLength(
      2,
    );
  });

  test('what differs from sample to sample for good reasons is let be', async () => {
    const text = [
      'problem,seed,temperature_note,finish_reason,answer,tokens,correct',
      ...samples.map(
        ([p, right], i) =>
          `${p},${Math.floor(i / 2)},x,${i % 3 === 0 ? 'stop' : 'length'},${i % 5},${100 + i},${right}`,
      ),
    ].join('\n');
    expect(countsOf(await diagnoseTexts({ 'a.csv': text }))).toEqual(TWO);
  });
});

describe('what people bring', () => {
  const table = async (name: string, content: string, texts: SettingTexts = {}): Promise<Counts> =>
    countsOf(await diagnoseTexts({ [name]: content }, texts));

  test.each<[string, string, string, SettingTexts?]>([
    [
      'columns and data, as some tables are exported',
      'a.json',
      JSON.stringify({ columns: ['problem', 'correct'], data: samples.map(([p, right]) => [p, right]) }),
    ],
    [
      'lists by column',
      'a.json',
      JSON.stringify({ problem: samples.map(([p]) => p), correct: samples.map(([, right]) => right) }),
    ],
    [
      'row numbers by column',
      'a.json',
      JSON.stringify({
        problem: Object.fromEntries(samples.map(([p], i) => [i, p])),
        correct: Object.fromEntries(samples.map(([, right], i) => [i, right])),
      }),
    ],
    [
      'row numbers as keys',
      'a.json',
      JSON.stringify(
        Object.fromEntries(samples.map(([p, right], i) => [i, { task_id: p, passed: right === 1 }])),
      ),
    ],
    [
      'rows within rows',
      'a.json',
      JSON.stringify({
        features: 'x',
        rows: samples.map(([p, right], i) => ({ row_idx: i, row: { problem: p, correct: right } })),
      }),
    ],
    ['scalars beside', 'a.json', JSON.stringify({ model: 'gpt', n: 4, p: [1, 1, 0, 1], q: [0, 1, 0, 0] })],
    ['a header among the rows', 'a.csv', `${csv(['0', '1'])}\n`.replace('q,1', 'problem,correct\nq,1')],
    [
      'decimal commas',
      'a.csv',
      csv(['0,0', '0,75'], 'problem,score')
        .replaceAll(',0,', ';0,')
        .replace('problem,score', 'problem;score'),
      { rewardThreshold: '0.5' },
    ],
    ['shares in per cent', 'a.csv', 'problem,accuracy,n\np,75 %,4\nq,25%,4\n'],
  ])('%s', async (_, name, content, texts = {}) => {
    expect(await table(name, content, texts)).toEqual(TWO);
  });

  test('an array of arrays, problems being numbered', async () => {
    expect(await table('a.json', '[[true,true,false,true],[false,true,false,false]]')).toEqual({
      0: [4, 3],
      1: [4, 1],
    });
  });

  test('models as keys', async () => {
    const text = JSON.stringify({ a: { p: [1, 0], q: [0, 0] }, b: { p: [1, 1], q: [0, 1] } });
    const { report } = await diagnoseTexts({ 'a.json': text });
    expect(report.models.map(({ model }) => model)).toEqual(['a', 'b']);
  });

  test.each<[string, string, RegExp]>([
    ['in CSV', 'a.csv', /"correct" beside "results", a list of 3 outcomes/],
    ['of a reward', 'b.jsonl', /"score" beside "rollouts", a list of 4/],
    ['as objects', 'c.jsonl', /"correct" beside "samples", a list of 2/],
    ['nested, after a null', 'd.jsonl', /"correct" beside "metrics.per_sample", a list of 2/],
  ])('any of n %s', async (_, name, message) => {
    const texts: Readonly<Record<string, string>> = {
      'a.csv': 'task_id,correct,results\na,True,"[True, False, False]"\nb,False,"[False, False, False]"\n',
      'b.jsonl': lines({ task_id: 'a', score: 1, rollouts: [1, 0, 0, 0] }),
      'c.jsonl': lines({ task_id: 'a', correct: true, samples: [{ correct: true }, { correct: false }] }),
      'd.jsonl': lines(
        { task_id: 'a', correct: true, metrics: { per_sample: null } },
        { task_id: 'b', correct: true, metrics: { per_sample: [true, false] } },
      ),
    };
    await expect(diagnoseTexts({ [name]: texts[name] })).rejects.toThrow(message);
  });

  test('numbers that split problems: a year, a contest, a setting', async () => {
    const rows = (column: string, values: readonly string[]): string =>
      [
        `${column},problem,correct`,
        ...values.flatMap((value) => [1, 2].flatMap((p) => [0, 1].map((s) => `${value},${p},${s}`))),
      ].join('\n');
    await expect(table('a.csv', rows('year', ['2024', '2025']))).rejects.toThrow(
      /--columns problem=year\+problem/,
    );
    await expect(table('a.csv', rows('noise_level', ['0.2', '1']))).rejects.toThrow(
      /"0.2" and "1" in "noise_level" for every problem/,
    );
    await expect(table('a.csv', rows('with_tools', ['True', 'False']))).rejects.toThrow(
      /in "with_tools" for every problem/,
    );
    expect(
      Object.keys(await table('a.csv', rows('year', ['2024', '2025']), { columns: 'problem=year+problem' })),
    ).toEqual(['2024/1', '2024/2', '2025/1', '2025/2']);
  });

  test('a filter that comes late, or among very many columns, or with a row missing', async () => {
    const late = lines({ problem: 0, correct: true }, { problem: 0, correct: true, filter: 'strict' });
    await expect(table('a.jsonl', late)).rejects.toThrow(/a 'filter' that the first row does not have/);
    const many = Array.from({ length: 70 }, (_, i) => `m${i}`);
    const wide = [
      `problem,correct,${many.join()},filter`,
      ...['strict', 'lenient'].map((filter) => `p,1,${many.map(() => '0.5').join()},${filter}`),
    ];
    await expect(table('a.csv', wide.join('\n'))).rejects.toThrow(/"strict" and with "lenient" in "filter"/);
    const uneven = [
      'problem,sample,way,correct',
      ...['x', 'y'].flatMap((way) =>
        Array.from({ length: 20 }, (_, p) => `${p},${way === 'x' ? 0 : 1},${way},1`),
      ),
    ];
    await expect(table('a.csv', uneven.slice(0, -1).join('\n'))).rejects.toThrow(
      /"x" and "y" in "way" for every problem/,
    );
  });

  test('a benchmark in every row, the number in a column of its own', async () => {
    const text = ['task,item,correct', ...[0, 1, 2].map((i) => `gsm8k,${i},1`)].join('\n');
    await expect(table('a.csv', text)).rejects.toThrow(
      /"task" with one value in every row; .*--columns problem=item/,
    );
  });

  test('words with spaces and commas can be typed as they are advised', async () => {
    const text = ['Test Set,problem,correct', '"MATH, hard",1,1', 'AMC,1,0'].join('\n');
    await expect(table('a.csv', text)).rejects.toThrow(
      /--columns 'problem=Test Set\+problem', or --where 'Test Set=MATH\\, hard'/,
    );
    expect(await table('a.csv', text, { where: 'Test Set=MATH\\, hard' })).toEqual({ 1: [1, 1] });
  });

  test('a fault in a file of results is no reason to pass it over', async () => {
    const good = lines({ problem: 'p', generation: 'x', symbolic_correct: true });
    const bad = lines({ problem: 'p', generation: 'x', symbolic_correct: null });
    const sources = [
      sourceOf('run/output-rs0.jsonl', good),
      sourceOf('run/output-rs1.jsonl', bad),
      sourceOf('run/metrics.json', '{"pass@1": 0.5}'),
    ].map((source) => ({ ...source, mayBeOther: true as const }));
    await expect(diagnoseSources(sources)).rejects.toThrow(
      /output-rs1.jsonl: record 1, symbolic_correct: expected right or wrong, got null/,
    );
    const { notes } = await diagnoseSources([sources[0], sources[2]]);
    expect(notes.join()).toContain(
      '1 files of the folder hold no outcomes and are passed over: metrics.json',
    );
  });

  test('sizes are no shards', async () => {
    const one = 'problem,correct\np,1\n';
    for (const names of [
      ['lora-rank8.csv', 'lora-rank64.csv'],
      ['m-sample8.csv', 'm-sample16.csv'],
      ['m-part7.csv', 'm-part8.csv'],
    ]) {
      const { report } = await diagnoseTexts({ [names[0]]: one, [names[1]]: one });
      expect(report.models).toHaveLength(2);
    }
  });

  test('rows without an outcome are asked about, and can be wrong or left out', async () => {
    const text = 'problem,correct\np,1\np,\nq,0\nq,1\n';
    await expect(table('a.csv', text)).rejects.toThrow(
      /line 3: expected an outcome, got none; --missing wrong counts/,
    );
    expect(await table('a.csv', text, { missing: 'wrong' })).toEqual({ p: [2, 1], q: [2, 1] });
    expect(await table('a.csv', text, { missing: 'out' })).toEqual({ p: [1, 1], q: [2, 1] });
    expect(await table('a.csv', text.replace('p,\n', 'p,NaN\n'), { missing: 'out' })).toEqual({
      p: [1, 1],
      q: [2, 1],
    });
    const counted = lines({ uuid: 'u', generations: ['a', 'b', 'c', 'd'], correctness_count: 3 });
    expect(await table('a.jsonl', counted)).toEqual({ u: [4, 3] });
  });

  test('a run that is a model is asked about, and repeats that are most of a file are none', async () => {
    const rows = [
      'problem,run,correct',
      ...['base', 'rl'].flatMap((run) =>
        [1, 2].flatMap((p) => [0, 1, 1].map((right) => `${p},${run},${right}`)),
      ),
    ].join('\n');
    await expect(table('a.csv', rows)).rejects.toThrow(/if "run" is the model, say --columns model=run; /);
    await expect(table('a.csv', rows, { dedupe: 'yes' })).rejects.toThrow(
      /fewer than half of the rows, got 8 of 12/,
    );
    expect((await diagnoseTexts({ 'a.csv': rows }, { columns: 'model=run' })).report.models).toHaveLength(2);
    expect(await table('a.csv', 'problem,mean,count\np,0.75,4\nq,0.25,4\n')).toEqual(TWO);
  });

  test('counts that stand there twice count once, the last time', async () => {
    const text = 'problem,n,correct\na,1,1\nb,8,4\na,8,1\n';
    await expect(table('a.csv', text)).rejects.toThrow(/"a" again; a resumed run\? --dedupe counts the last/);
    expect(await table('a.csv', text, { dedupe: 'yes' })).toEqual({ a: [8, 1], b: [8, 4] });
  });

  test.each<[string, string, string, RegExp]>([
    [
      'more fields than the header',
      'a.csv',
      'problem,answer,correct\na,3,1,0\n',
      /line 2: expected 3 fields, as the header has, got 4/,
    ],
    [
      'a last line that is cut',
      'a.jsonl',
      '{"problem":"p","correct":1}\n{"problem":"q","corr',
      /a last line that is cut short; let the run end/,
    ],
    [
      'the status of a request',
      'a.csv',
      'id,status\n0,success\n',
      /which may be that of the request; .*--columns correct=status/,
    ],
    [
      'a truth value beside n',
      'a.csv',
      'problem,correct,n\np,True,512\n',
      /a count beside n = 512, got "True"; .*--columns n=-/,
    ],
    [
      'integers that have lost digits',
      'a.jsonl',
      lines({ id: 2 ** 53, generation: 'x', symbolic_correct: true }),
      /an id \(integers to 2\^53\)/,
    ],
  ])('%s is refused', async (_, name, content, message) => {
    await expect(table(name, content)).rejects.toThrow(message);
  });

  test('a model, or a setting, that a named format does not speak of', async () => {
    const row = (extra: object): object => ({
      task_id: 'a/0',
      completion: 'x',
      result: 'passed',
      passed: true,
      ...extra,
    });
    const models = await diagnoseTexts({ 'a.jsonl': lines(row({ model: 'x' }), row({ model: 'y' })) });
    expect(models.report.models.map(({ model }) => model)).toEqual(['x', 'y']);
    await expect(table('a.jsonl', lines(row({ temperature: 0.2 }), row({ temperature: 1 })))).rejects.toThrow(
      /"0.2" and with "1" in "temperature"/,
    );
    await expect(
      table('a.jsonl', lines(row({ completion_id: 0 }), row({ completion_id: 0 }))),
    ).rejects.toThrow(/sample "0" again; .*--dedupe/);
    await expect(table('a.jsonl', lines(row({}), { task_id: 'a/0', completion: 'x' }))).rejects.toThrow(
      /a record of HumanEval/,
    );
  });

  test('ids of uid kind are no sessions unless they are made so', async () => {
    const row = (input: string, uid: string, score: number): object => ({
      input,
      output: 'x',
      score,
      step: 1,
      uid,
    });
    const found = await diagnoseTexts({
      '1.jsonl': lines(row('q1', 'aime_2024_1', 1), row('q2', 'aime_2024_2', 0), row('q1', 'aime_2024_1', 1)),
    });
    expect(countsOf(found)).toEqual({ q1: [2, 2], q2: [1, 0] });
  });

  test('tasks of one model have problems of their own', async () => {
    const log = (task: string, value: string): string =>
      JSON.stringify({
        eval: { model: 'm', task },
        plan: {},
        samples: [{ id: 1, epoch: 1, scores: { a: { value } } }],
      });
    const found = await diagnoseTexts({ 'a.json': log('x/gsm8k', 'C'), 'b.json': log('gpqa', 'I') });
    expect(countsOf(found)).toEqual({ 'gsm8k/1': [1, 1], 'gpqa/1': [1, 0] });
  });
});

describe('samples that are missing', () => {
  const text = 'problem,n,correct\np,4,3\nq,2,1\nr,4,0\n';
  test('--least-n leaves problems out, --missing wrong fills them up, and both are said', async () => {
    const left = await diagnoseTexts({ 'a.csv': text }, { leastN: '4' });
    expect(countsOf(left)).toEqual({ p: [4, 3], r: [4, 0] });
    expect(left.notes.join()).toContain('1 of 3 problems have fewer than 4 samples');
    const wrong = await diagnoseTexts({ 'a.csv': text }, { missing: 'wrong' });
    expect(countsOf(wrong)).toEqual({ p: [4, 3], q: [4, 1], r: [4, 0] });
    expect(wrong.notes.join()).toContain('2 samples that 1 problems lack are counted as wrong');
    await expect(diagnoseTexts({ 'a.csv': text }, { leastN: '5' })).rejects.toThrow(/at most 4/);
  });
});

test.each<[string, string, string | Uint8Array, RegExp]>([
  ['a share without its n', 'a.csv', 'problem,acc\np,0.75\n', /a share needs the column of its n/],
  [
    'a share that is no count',
    'a.csv',
    'problem,accuracy,n\np,0.7,4\n',
    /a whole number of samples, got "0.7"/,
  ],
  [
    'a list that is too short',
    'a.jsonl',
    lines({ problem: 'p', correct: [1, 0], n: 4 }),
    /expected 4 outcomes/,
  ],
  [
    'a list with a word',
    'a.jsonl',
    lines({ problem: 'p', correct: ['yes', 'maybe'] }),
    /a list of true or false, 1 or 0, got "maybe" in it/,
  ],
  [
    'a list twice',
    'a.jsonl',
    lines({ problem: 'p', correct: [1, 0] }, { problem: 'p', correct: [1, 0] }),
    /each problem once/,
  ],
  ['bytes', 'a.csv', new Uint8Array([1, 0, 0, 0, 2, 0, 0, 0, 0, 0]), /bytes that are no text/],
  [
    'half a gzip',
    'a.csv.gz',
    gzipSync('problem,correct\np,1\n'.repeat(1000)).subarray(0, 40),
    /cut short or damaged/,
  ],
  ['half an array', 'a.json', '[{"problem":"p","correct":1},', /a JSON array that ends/],
  ['text behind an array', 'a.json', '[{"problem":"p","correct":1}] x', /more text behind it/],
  ['an object of nothing known', 'a.json', '{"a": {"b": "x"}}', /records: an array of objects/],
  [
    'a bad first line',
    'a.jsonl',
    '{"problem": "p", correct\n{"problem":"q","correct":1}\n',
    /line 1: expected a JSON object on each line/,
  ],
])('%s is refused in one line', async (_, name, content, message) => {
  await expect(diagnoseTexts({ [name]: content })).rejects.toThrow(message);
});
