/** Logs as trainers write them, made by a small trainer of the tests' own: what was put in is named. */
import { describe, expect, test } from 'vitest';
import { identifyTable, type TableIdentity } from '../../src/identify/identify.ts';
import { PLAIN_LOG, readLogFlags, type LogOptions } from '../../src/identify/logColumns.ts';
import { readOwnEstimators } from '../../src/identify/readOwn.ts';
import * as make from './trainer.ts';

const judged = (text: string, options: Partial<LogOptions> = {}): TableIdentity[] =>
  readOwnEstimators(text, 'log', 'open', { ...PLAIN_LOG, ...options }).map(identifyTable);
const findingOf = (text: string, options: Partial<LogOptions> = {}): string =>
  judged(text, options)[0].finding;
const logOf = (rule: make.Rule, choices?: Parameters<typeof make.train>[1]): string =>
  make.jsonl(make.train(rule, choices).rows);

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('stock estimators, by their parameters', () => {
  test.each<[string, string, string]>([
    ['GRPO, eps 1e-4', logOf(make.grpo(1, 1e-4)), 'it is grpo:std=sample:eps=1e-4: '],
    ['GRPO, eps 1e-6', logOf(make.grpo(1, 1e-6), { n: 16 }), 'it is grpo:std=sample:eps=1e-6: '],
    [
      'GRPO, some c missing',
      logOf(make.grpo(1, 1e-4), { skip: [0, 3, 5, 8] }),
      'it is grpo:std=sample:eps=1e-4: ',
    ],
    ['MaxRL', logOf(make.maxrl(1e-6)), 'it is maxrl:eps=1e-6: '],
    ['MaxRL without eps', logOf(make.maxrl(0)), 'it is maxrl: '],
    ['pass@k training', logOf(make.passkTraining(4, 1e-6)), 'it is passk-training:eps=1e-6 at k = 4: '],
    [
      'pass@k training at 16',
      logOf(make.passkTraining(5, 1e-4), { n: 16 }),
      'it is passk-training:eps=1e-4 at k = 5: ',
    ],
    ['Dr. GRPO', logOf(make.drGrpo), 'it is dr-grpo: 0.875 times the gradient of pass@1'],
    ['RLOO', logOf(make.rloo), 'it is rloo: unbiased for the gradient of pass@1'],
    [
      'RLOO of -1/+1',
      logOf(make.rloo, { rewards: [-1, 1] }),
      'it is rloo of rewards -1/+1, 2 times that of rewards 0 and 1',
    ],
    ['Dr. GRPO of -1/+1', logOf(make.drGrpo, { rewards: [-1, 1] }), 'it is dr-grpo of rewards -1/+1'],
    ['GRPO of -1/+1', logOf(make.grpo(1, 1e-4), { rewards: [-1, 1] }), 'it is grpo:std=sample:eps=1e-4: '],
    ['RS-GRPO of -1/+1', logOf(make.rsGrpo(2), { rewards: [-1, 1] }), 'it is rs-grpo of rewards -1/+1'],
    ['F-GRPO', logOf(make.fGrpo(0.5, 1, 1e-6)), 'it is f-grpo:gamma=0.5:std=sample:eps=1e-6: '],
    ['F-GRPO, plain', logOf(make.fGrpo(0.5, 0, 0)), 'it is f-grpo:gamma=0.5: '],
    ['RS-GRPO', logOf(make.rsGrpo(4)), 'it is rs-grpo:beta=4: '],
    ['RS-GRPO, beta 1.7', logOf(make.rsGrpo(-1.7)), 'it is rs-grpo:beta=-1.7: '],
  ])('%s', (_, text, wanted) => {
    expect(findingOf(text)).toContain(wanted);
  });

  test('four decimals and bf16 leave what they leave of an eps, and it is said', () => {
    const { rows } = make.train(make.grpo(1, 1e-4));
    const four = make.csv(rows.map((row) => ({ ...row, advantage: row.advantage.toFixed(4) })));
    expect(findingOf(four)).toContain('it is grpo:std=sample:eps=1e-4: ');
    const cut = make.train(make.grpo(1, 1e-6)).rows.map((row) => ({
      ...row,
      advantage: Number(row.advantage.toFixed(4)),
    }));
    expect(findingOf(make.jsonl(cut))).toMatch(/it is grpo:std=sample \(any eps up to \S+ fits as well\): /);
    const short = judged(make.jsonl(rows.map((row) => ({ ...row, advantage: make.bf16(row.advantage) }))))[0];
    expect(short.finding).toMatch(/it is grpo:std=sample \(any eps up to \S+ fits as well\): /);
    expect(short.notes.join()).toContain('advantages are known to bf16');
    const training = make.train(make.passkTraining(4, 1e-6), { n: 16 }).rows;
    expect(
      findingOf(make.csv(training.map((row) => ({ ...row, advantage: row.advantage.toFixed(4) })))),
    ).toContain('it is passk-training at k = 4');
  });

  test('an eps that the digits leave open is an interval, and of rows alike the roundest is named', () => {
    const rows = make
      .train(make.grpo(1, 3e-5), { n: 32, steps: 40 })
      .rows.map((row) => ({ ...row, advantage: (row.advantage / 32).toFixed(4) }));
    const [own] = readOwnEstimators(make.csv(rows), 'log', 'sum');
    const { sameAs, finding } = identifyTable(own);
    const [low, high] = sameAs[0].epsRange ?? [0, sameAs[0].unseenEps ?? 0];
    expect(finding).toMatch(/\(any eps (from|up to) .* fits as well\)/);
    expect([low <= 3e-5, high >= 3e-5]).toEqual([true, true]);
    expect(findingOf(logOf(make.rsGrpo(1)))).toContain('it is rs-grpo:beta=1: ');
  });

  test('a leave-one-out std is known by its kind', () => {
    const loo =
      (ddof: 0 | 1): make.Rule =>
      (batch) =>
        batch.map(({ rewards }) =>
          rewards.map((reward, i) => {
            const others = rewards.filter((_, j) => j !== i);
            return (reward - make.mean(others)) / (make.std(others, ddof) + 1e-6);
          }),
        );
    expect(findingOf(logOf(loo(1)))).toContain('leave-one-out std: over the other samples (std=sample, ');
    expect(findingOf(logOf(loo(0)))).toContain('leave-one-out std: over the other samples (std=population, ');
  });

  test('few weights name the rows that remain', () => {
    // c = 1 and 3 of 4: what RLOO gives, Dr. GRPO gives times 4/3.
    const found = findingOf(logOf(make.rloo, { n: 4, skip: [0, 2, 4] }));
    expect(found).toContain('the 4 weights seen are those of rloo, and of ');
    expect(found).toContain('dr-grpo times 4/3');
  });
});

describe('where little tells rows apart', () => {
  test.each<[string, string, string]>([
    ['groups of two', logOf(make.grpo(1, 1e-4), { n: 2 }), 'it is grpo:std=sample:eps=1e-4: '],
    ['groups of three', logOf(make.grpo(1, 1e-6), { n: 3 }), 'it is grpo:std=sample:eps=1e-6: '],
    [
      'NeMo at n = 4',
      logOf(make.leaveOneOutStd(1e-6), { n: 4 }),
      'leave-one-out std: over the other samples',
    ],
    ['RS-GRPO in float32 at n = 5', logOf(make.rsGrpo(2), { n: 5 }), 'it is rs-grpo: '],
    ['RS-GRPO at n = 12', logOf(make.rsGrpo(0.5), { n: 12 }), 'it is rs-grpo:beta=0.5: '],
    [
      'pass@k training at n = 96',
      logOf(make.passkTraining(8, 1e-6), { n: 96, steps: 20 }),
      'it is passk-training:eps=1e-6 at k = 8: ',
    ],
    [
      'turned round',
      make.jsonl(make.train(make.grpo(1, 1e-4)).rows.map((row) => ({ ...row, advantage: -row.advantage }))),
      'it is -1 times grpo:std=sample:eps=1e-4: ',
    ],
  ])('%s', (_, text, wanted) => {
    expect(findingOf(text)).toContain(wanted);
  });

  test('one c: rows as they are stand before those with a factor', () => {
    expect(findingOf(logOf(make.grpo(1, 1e-6), { n: 16, skip: range(2, 16) }))).toMatch(
      /^the \d weights seen are those of grpo:std=sample:eps=1e-6, and of .* to pass@16$/,
    );
  });

  test.each<[string, readonly [number, number], make.Rule, string]>([
    [
      'MaxRL of -1/+1',
      [-1, 1],
      make.maxrl(1e-6),
      'MaxRL of rewards that are not 0 and 1: it divides by their mean',
    ],
    ['MaxRL of 0/5', [0, 5], make.maxrl(1e-6), 'it is maxrl:eps=1e-6: '],
    ['GRPO of -0.5/1', [-0.5, 1], make.grpo(1, 1e-6), 'it is grpo:std=sample:eps=1e-6: '],
    [
      'twice over std of -1/+1',
      [-1, 1],
      make.twiceOverStd(1, 1e-4),
      'double normalisation: divided by the standard deviation twice',
    ],
    ['mean back of -1/+1', [-1, 1], make.meanBack(1, 1e-4), 'whitening that adds the mean back'],
  ])('%s, in the units of its rewards', (_, rewards, rule, wanted) => {
    // An odd n, for at n = 2c the mean of -1 and 1 is 0.
    expect(findingOf(logOf(rule, { rewards, n: 7 }))).toContain(wanted);
  });

  test('what float32 leaves of groups without a spread is no advantage', () => {
    const { rows } = make.train(make.grpo(1, 1e-6), { n: 6, rewards: [0.1, 0.9] });
    const spoilt = rows.map((row, i) =>
      row.advantage === 0 ? { ...row, advantage: i % 2 === 0 ? 0.0067 : -0.0067 } : row,
    );
    const [found] = judged(make.jsonl(spoilt));
    expect(found.finding).toContain('it is grpo:std=sample:eps=1e-6: ');
    expect(found.notes.join()).toMatch(
      /\d+ advantages of groups without a spread are taken for what rounding left of 0/,
    );
  });
});

describe('logs that are not as whole as they look', () => {
  const { rows } = make.train(make.grpo(1, 1e-4));
  test('a group that the end of the file cuts off is left out, and accuses nobody', () => {
    for (const part of [rows.slice(0, 100), rows.slice(-99)]) {
      const [found] = judged(make.jsonl(part));
      expect(found.finding).toContain('it is grpo:std=sample:eps=1e-4: ');
      expect(found.notes.join()).toMatch(/the (first|last) group is cut off \(\d of 8 rows\) and left out/);
    }
  });

  test('groups by position, and prompts that come back', () => {
    const bare = make.jsonl(rows.map(({ reward, advantage }) => ({ reward, advantage })));
    expect(() => judged(bare)).toThrow(/--group rows:8/);
    expect(findingOf(bare, { group: ['rows:8'] })).toContain('it is grpo:std=sample:eps=1e-4: ');
    const [found] = judged(
      make.jsonl(rows.map(({ prompt, reward, advantage }) => ({ prompt, reward, advantage }))),
    );
    expect(found.finding).toContain('it is grpo:std=sample:eps=1e-4: ');
    expect(found.notes.join()).toContain('prompt comes back: each time it is another group');
  });

  test('a prompt twice in a step is said to be one', () => {
    const doubled = rows.map((row) =>
      row.prompt === 'prompt 1' && row.step === 1 ? { ...row, prompt: 'prompt 0' } : row,
    );
    expect(() => judged(make.jsonl(doubled))).toThrow(/1 of 191 groups have 16 rows where the others have 8/);
  });

  test('rejected rows that were counted, under any rule', () => {
    const training = make.train(make.passkTraining(4, 1e-6)).rows;
    const [found] = judged(
      make.jsonl(training.map((row, i) => (i % 7 === 3 ? { ...row, advantage: null } : row))),
    );
    expect(found.finding).toContain(
      'dropped rows left in the baseline: with the rows that have no advantage counted',
    );
    expect(found.sameAs[0]).toMatchObject({ estimator: 'passk-training:eps=1e-6', k: 4 });
  });

  test('a sum of rewards is found, with its weights and the rule', () => {
    const summed = (rule: make.Rule): string => {
      const made = make.train(make.drGrpo);
      const format = made.rows.map((_, i) => (i % 5 === 2 || i % 3 === 1 ? 0 : 1));
      const groups = made.groups.map((group, g) => ({
        ...group,
        rewards: group.rewards.map((reward, i) => reward + 0.2 * format[g * 8 + i]),
      }));
      const steps = [...new Set(groups.map(({ step }) => step))];
      const advantages = steps.flatMap((step) => rule(groups.filter((group) => group.step === step))).flat();
      return make.jsonl(
        made.rows.map(({ step, prompt, reward }, i) => ({
          ...{ step, prompt, math_reward: reward, format_reward: format[i] },
          advantage: Math.fround(advantages[i]),
        })),
      );
    };
    const options = readLogFlags('--columns reward=math_reward', 'x');
    expect(() => judged(summed(make.grpo(1, 1e-4)), options)).toThrow(
      /a sum of rewards, math_reward \+ 0.2 format_reward: of that it is grpo:std=sample, eps=1e-4;/,
    );
    expect(() => judged(summed(make.rloo), options)).toThrow(
      /math_reward \+ 0.2 format_reward: of that it is rloo;/,
    );
    expect(() => judged(summed(make.stdOverBatch(0, 1e-6)), options)).toThrow(
      /dr-grpo over the population std of the batch/,
    );
    // Of another rule nothing is claimed.
    expect(() => judged(summed(make.twiceOverStd(1, 0.3)), options)).toThrow(/--average for the mean/);
  });

  test('groups say whether they are centred, where a table of means cannot', () => {
    const filtered = make.train(make.grpo(1, 1e-6)).rows.filter((_, i) => i % 8 > 1);
    const [found] = judged(make.jsonl(filtered));
    expect(found.mistakes[0]).toContain('dropped rows left in the baseline');
    expect(found.centred).toBe(false);
    expect(judged(logOf(make.stdOverBatch(1, 1e-4)))[0].centred).toBe(true);
  });

  test('a batch factor with a name is taken for what it is', () => {
    const gpg: make.Rule = (batch) => {
      const all = batch.flatMap(({ rewards }) => rewards);
      return make.drGrpo(batch).map((values) => values.map((value) => value / make.mean(all)));
    };
    expect(findingOf(logOf(gpg), { batch: 'step' })).toBe(
      "it is dr-grpo, times 1 over the mean of the batch's rewards: a multiple of the gradient of pass@1 in each batch",
    );
  });

  test('a row that holds one group', () => {
    const text = JSON.stringify({ rewards: [1, 1, 0, 0], advantages: [0.5, 0.5, -0.5, -0.5] });
    expect(judged(text)[0].notes).toContain('a group is one row: 1 of 4');
  });
});

describe('mistakes, by their names', () => {
  const { rows } = make.train(make.grpo(1, 1e-6));
  const rejected = rows.map((row, i) => (i % 7 === 3 ? { ...row, advantage: null } : row));
  const filtered = (rule: make.Rule): string =>
    make.jsonl(make.train(rule).rows.filter((_, i) => i % 11 !== 3 && i % 13 !== 5));
  test.each<[string, string, string]>([
    ['batch std', logOf(make.stdOverBatch(1, 1e-4)), 'std over the batch: rewards less their group'],
    [
      'batch std of one step',
      logOf(make.stdOverBatch(0, 1e-6), { steps: 1 }),
      'std over the batch: rewards less their group',
    ],
    ['leave-one-out std', logOf(make.leaveOneOutStd(1e-6)), 'leave-one-out std: over the other samples'],
    ['mean back', logOf(make.meanBack(1, 1e-6)), 'whitening that adds the mean back'],
    [
      'mean back over the batch',
      logOf(make.batchMeanBack(1, 1e-8)),
      'whitening that adds the mean back: rewards less the mean of each step',
    ],
    [
      'twice',
      logOf(make.twiceOverStd(1, 1e-6)),
      'double normalisation: divided by the standard deviation twice',
    ],
    [
      'group, then batch',
      logOf(make.groupThenBatch(1e-6)),
      'double normalisation: over the standard deviation of the group, then',
    ],
    [
      'best only',
      logOf(make.bestOnly(1, 1e-6)),
      'best-sample overwrite: only the best sample of a group has weight',
    ],
    [
      'best overwritten',
      logOf(make.bestOverwritten),
      'best-sample overwrite: of several right answers of a group one',
    ],
    ['filtered', filtered(make.drGrpo), 'dropped rows left in the baseline: it is a mean over 8'],
    ['filtered GRPO', filtered(make.grpo(1, 1e-6)), 'dropped rows left in the baseline: it is a mean over 8'],
    [
      'rejected',
      make.jsonl(rejected),
      'dropped rows left in the baseline: rows without an advantage are in the mean',
    ],
    [
      '-1/+1 unseen',
      make.jsonl(
        make.train(make.rloo, { rewards: [-1, 1] }).rows.map((row) => ({ ...row, reward: row.reward > 0 })),
      ),
      '2 times the gradient of pass@1: rewards -1/+1 where 0 and 1 belong, 2 times rloo',
    ],
    [
      'ones',
      make.jsonl(make.train(make.drGrpo, { n: 1 }).rows.map((row) => ({ ...row, advantage: row.reward }))),
      'n = 1 groups: no companions',
    ],
  ])('%s', (_, text, wanted) => {
    const [found] = judged(text);
    expect(found.finding).toContain(wanted);
    expect(found.mistakes[0].split(/:| \(/)[0]).toBe(
      wanted.includes('rewards -1/+1') ? 'rewards -1/+1 where 0 and 1 belong' : wanted.split(':')[0],
    );
  });

  test('a constant number of dropped rows is seen in a table as well', () => {
    const n = 6;
    // Two wrong rows of eight are never logged.
    const correct = Array.from({ length: n + 1 }, (_, c) => (c === 0 ? null : 1 - c / 8));
    const wrong = Array.from({ length: n + 1 }, (_, c) => (c === n ? null : -c / 8));
    const text = JSON.stringify({ format: 'passk-estimator@1', name: 'mine', n, correct, wrong });
    const [own] = readOwnEstimators(text, 'mine', 'mean');
    expect(identifyTable(own).mistakes).toContain('dropped rows left in the baseline (2 dropped)');
  });
});

describe('what a log looks like', () => {
  const { rows, groups } = make.train(make.rloo);
  const named = 'it is rloo: ';
  test.each<[string, string]>([
    ['JSONL', make.jsonl(rows)],
    ['JSON', JSON.stringify(rows)],
    ['JSON within an object', JSON.stringify({ run: 'a', rollouts: rows })],
    [
      'columns',
      JSON.stringify(
        Object.fromEntries(
          ['step', 'prompt', 'reward', 'advantage'].map((key) => [
            key,
            rows.map((row) => row[key as 'step']),
          ]),
        ),
      ),
    ],
    ['tabs', make.csv(rows, '\t')],
    [
      'semicolons and words',
      make.csv(
        rows.map((row) => ({ ...row, reward: row.reward === 1 ? 'True' : 'False' })),
        ';',
      ),
    ],
    [
      'a verifier by name',
      make.jsonl(
        rows.map(({ prompt, step, reward, advantage }) => ({
          prompt,
          step,
          accuracy_reward: reward,
          advantage,
        })),
      ),
    ],
    [
      'a uid a group',
      make.jsonl(
        rows.map(({ step, prompt, reward, advantage }) => ({
          uid: `${step}-${prompt}`,
          score: reward,
          adv: advantage,
        })),
      ),
    ],
    [
      'groups numbered anew in every step',
      make.jsonl(
        rows.map(({ step, prompt, reward, advantage }) => ({
          global_step: step,
          group_id: Number(prompt.slice(7)),
          rewards: reward,
          advantages: advantage,
        })),
      ),
    ],
    ['an id a row beside', make.jsonl(rows.map((row, i) => ({ id: i, ...row })))],
    [
      'a group a row',
      make.jsonl(
        groups.map((group) => ({
          step: group.step,
          prompt: group.prompt,
          rewards: group.rewards,
          advantages: make.rloo([group])[0],
        })),
      ),
    ],
    [
      'advantages by token',
      make.jsonl(
        rows.map((row, i) => ({
          ...row,
          advantage: Array.from({ length: 3 + (i % 4) }, () => row.advantage),
        })),
      ),
    ],
    ['tensors', make.csv(rows.map((row) => ({ ...row, advantage: `tensor(${row.advantage})` })))],
  ])('%s', (_, text) => {
    expect(findingOf(text)).toContain(named);
  });

  test('what was found is said', () => {
    const [found] = judged(make.jsonl(make.train(make.rloo, { rewards: [-1, 1] }).rows));
    expect(found.notes).toEqual([
      'rewards are -1 and 1: -1 is read as wrong, 1 as correct',
      'a group is one prompt and step: 192 of 8',
    ]);
    expect(found.convention).toBe('mean');
  });

  test('a factor for each step is taken out where it is asked for', () => {
    const text = make.jsonl(rows.map((row) => ({ ...row, advantage: row.advantage * (1 + row.step / 10) })));
    expect(() => judged(text)).toThrow(/got 1.1 to 2.2 .* each step has the same table .*--batch step/);
    expect(findingOf(text, { batch: 'step' })).toContain('it is rloo, up to the factors of the batches');
    const noise = make.jsonl(rows.map((row, i) => ({ ...row, advantage: row.advantage + i / 1e4 })));
    expect(() => judged(noise, { batch: 'step' })).toThrow(/one table over c times a factor for each step/);
  });

  test('values that vary are refused, or averaged', () => {
    const text = make.jsonl(
      rows.map((row, i) => ({ ...row, advantage: row.advantage * (i % 2 === 0 ? 0.9 : 1.1) })),
    );
    expect(() => judged(text)).toThrow(
      /line \d+: expected one advantage for all rollouts with n = 8, c = 1.* --average/,
    );
    const [found] = judged(text, { average: true });
    expect(found.notes.join()).toContain('their means are taken');
    expect(found.finding).toMatch(/^on average over its groups .*; the nearest row is .*, off by up to/);
    expect({ sameAs: found.sameAs, mistakes: found.mistakes }).toEqual({ sameAs: [], mistakes: [] });
  });

  test('several rewards are asked about, and one can be chosen', () => {
    const text = make.jsonl(
      rows.map(({ reward, ...row }, i) => ({
        ...row,
        accuracy_reward: reward,
        format_reward: i % 3 === 0 ? 0 : 1,
      })),
    );
    expect(() => judged(text)).toThrow(
      /"accuracy_reward", "format_reward"; say .*--columns reward=accuracy_reward/,
    );
    expect(findingOf(text, readLogFlags('--columns reward=accuracy_reward', 'x'))).toContain(named);
    expect(() => judged(text, readLogFlags('--columns reward=format_reward', 'x'))).toThrow(
      /with "accuracy_reward" as the reward every cell has one value/,
    );
  });

  test('groups can be named', () => {
    const text = make.jsonl(rows.map(({ step, prompt, ...row }) => ({ a: step, b: prompt, ...row })));
    expect(() => judged(text)).toThrow(/--group column/);
    expect(findingOf(text, { group: ['a', 'b'] })).toContain(named);
    expect(() => judged(text, { group: ['a', 'c'] })).toThrow(/--group: expected one of .*got "c"/);
  });

  test.each<[string, object, RegExp]>([
    ['length', { advantage: 0.5, completion_length: 0 }, /divided by the length/],
    ['tokens', { advantage: [0.5, 0.4] }, /2 values by token, 0.4 to 0.5; token-level advantages/],
    ['reward by token', { reward: [0, 0, 1] }, /rewards by token/],
    ['nan', { advantage: 'nan' }, /got "nan"; NaN is what a standard deviation of 0/],
    ['grades', { reward: 0.5 }, /rewards of two values.*got 3, from 0 to 1/],
    ['no number', { reward: 'maybe' }, /a reward, got "maybe"/],
  ])('%s: it is said what it is', (name, part, message) => {
    const changed = rows.map((row, i) =>
      name === 'length'
        ? { ...row, advantage: row.advantage / (10 + (i % 37)), completion_length: 10 + (i % 37) }
        : i === 20
          ? { ...row, ...part }
          : row,
    );
    expect(() => judged(make.jsonl(changed))).toThrow(message);
  });

  test('options as one text', () => {
    expect(readLogFlags('--group a+b --batch step --average', 'x')).toMatchObject({
      group: ['a', 'b'],
      batch: 'step',
      average: true,
    });
    expect(() => readLogFlags('--groups a', 'x')).toThrow(/x: expected --group/);
    expect(() => readLogFlags('--columns prize=a', 'x')).toThrow(/roles being n, c, reward/);
  });
});
