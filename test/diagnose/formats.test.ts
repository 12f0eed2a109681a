/** Files as harnesses write them, made by hand from their sources, with the truth that was designed. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/diagnose/formats/index.ts';
import type { SettingTexts } from '../../src/diagnose/settings.ts';
import { countsOf, diagnoseSources, diagnoseTexts, fixture, sortedCounts, truthOf } from './files.ts';

const cases: readonly (readonly [
  file: string,
  format: string,
  truth: string,
  texts?: SettingTexts,
  key?: string,
])[] = [
  ['human_eval.jsonl', 'human-eval', 'human_eval'],
  ['evalplus_new.json', 'evalplus', 'evalplus_new'],
  ['evalplus_new.json', 'evalplus', 'evalplus_new.base', { columns: 'correct=base_status' }],
  ['evalplus_new_base_only.json', 'evalplus', 'evalplus_new_base_only'],
  ['evalplus_old.json', 'evalplus-old', 'evalplus_old'],
  ['evalplus_old.json', 'evalplus-old', 'evalplus_old.base', { columns: 'correct=base' }],
  ['evalplus_v010.json', 'evalplus-old', 'evalplus_v010'],
  ['bigcode_logs.json', 'bigcode', 'bigcode_logs'],
  ['multipl_e', 'multipl-e', 'multipl_e'],
  ['lm_eval_repeats.jsonl', 'lm-eval', 'lm_eval_repeats'],
  ['lm_eval_filters.jsonl', 'lm-eval', 'lm_eval_filters.strict-match', { where: 'filter=strict-match' }],
  [
    'lm_eval_filters.jsonl',
    'lm-eval',
    'lm_eval_filters.flexible-extract',
    { where: 'filter=flexible-extract' },
  ],
  ['lm_eval_v042_array.jsonl', 'lm-eval', 'lm_eval_v042_array'],
  ['livecodebench_eval_all.json', 'livecodebench', 'livecodebench_eval_all'],
  ['livecodebench_eval.json', 'livecodebench-eval', 'livecodebench_eval'],
  ['qwen25_math.jsonl', 'qwen2.5-math', 'qwen25_math'],
  ['openr1_math_220k.jsonl', 'openr1', 'openr1_math_220k.math_verify'],
  ['monkeys.json', 'monkeys', 'monkeys'],
  ['verl_validation_100.jsonl', 'verl', 'verl_validation_100'],
  ['verl_validation_100.jsonl', 'verl', 'verl_validation_100', { columns: 'reward=score' }],
  ['verl_v1_uid_100.jsonl', 'verl', 'verl_v1_uid_100'],
  ['nemo_skills', 'nemo-skills', 'nemo_skills'],
  ['nemo_skills_judged', 'nemo-skills', 'nemo_skills_judged', {}, 'judgement'],
  [
    'nemo_skills_judged',
    'nemo-skills',
    'nemo_skills_judged',
    { columns: 'correct=symbolic_correct' },
    'symbolic_correct',
  ],
  ['verifiers', 'verifiers', 'verifiers'],
  [
    'verifiers_old_id.jsonl',
    'verifiers',
    'verifiers_old_id',
    { columns: 'correct=correct_answer_reward_func' },
  ],
  ['verifiers_v1_traces.jsonl', 'verifiers-traces', 'verifiers_v1_traces'],
  ['inspect.json', 'inspect-ai', 'inspect'],
  ['inspect.eval', 'inspect-ai', 'inspect.eval'],
  ['inspect_inprogress.eval', 'inspect-ai', 'inspect_inprogress'],
  ['inspect_requeued.eval', 'inspect-ai', 'inspect_requeued'],
  ['opencompass', 'opencompass', 'opencompass'],
  ['opencompass_cascade.json', 'opencompass', 'opencompass_cascade'],
  ['opencompass_old.json', 'opencompass', 'opencompass_old'],
  ['tau_bench.json', 'tau-bench', 'tau_bench'],
  ['tau2_bench.json', 'tau2-bench', 'tau2_bench'],
  ['tau2_bench_infra.json', 'tau2-bench', 'tau2_bench_infra'],
  ['tau2_bench_dir', 'tau2-bench', 'tau2_bench_dir'],
  ['swe_bench', 'swe-bench', 'swe_bench'],
  ['swe_bench_logs', 'swe-bench-instance', 'swe_bench_logs'],
];

test.each(
  cases.map((given) => ({ given, name: `${given[0]} is ${given[1]}, with the counts of ${given[2]}` })),
)('$name', async ({ given: [file, format, truth, texts = {}, key] }) => {
  const found = await diagnoseSources(fixture(file), texts);
  expect(found.report.models).toHaveLength(1);
  expect(new Set(found.report.sources.map((source) => source.format))).toEqual(new Set([format]));
  expect(sortedCounts(countsOf(found))).toEqual(truthOf(truth, key));
  expect(found.notes.join('\n')).toContain('the score is ');
});

test.each<[string, RegExp, SettingTexts?]>([
  ['bigcode_metrics.json', /got the metrics of bigcode-evaluation-harness/],
  ['bigcode_generations.json', /expected a JSON object, got an array of 4/],
  ['inspect_zstd.eval', /packed with deflate, got one packed with Zstandard/],
  ['lm_eval_filters.jsonl', /two filters of a sample are two scorings.*--where filter=strict-match/],
  ['verifiers_old_id.jsonl', /got 1.2; its own rule is --reward-threshold 0.5/],
  ['openr1_math_220k.jsonl', /expected .*got/, { columns: 'correct=problem' }],
])('%s is refused, by name', async (file, message, texts = {}) => {
  await expect(diagnoseSources(fixture(file), texts)).rejects.toThrow(message);
});

test('models by name: of the file, of its folder, of the log itself, or as asked', async () => {
  const modelOf = async (file: string, texts: SettingTexts = {}): Promise<string> =>
    (await diagnoseSources(fixture(file), texts)).report.models[0].model;
  expect(await modelOf('multipl_e')).toBe('humaneval-rs-some_model-0.8-reworded');
  expect(await modelOf('opencompass')).toBe('tiny-7b-hf');
  expect(await modelOf('nemo_skills')).toBe('nemo_skills');
  expect(await modelOf('inspect.eval')).toBe('openai/tiny-7b');
  expect(await modelOf('verl_validation_100.jsonl')).toBe('verl_validation_100 @ 100');
  expect(await modelOf('inspect.eval', { model: 'mine' })).toBe('mine');
});

test('Parquet, as data sets are published', async () => {
  const found = await diagnoseSources(fixture('results.parquet'));
  expect(countsOf(found)).toEqual({ p: [4, 3], q: [4, 1] });
  const [{ name }] = fixture('results.parquet');
  await expect(diagnoseTexts({ [name]: 'PAR1 and no more' })).rejects.toThrow(
    /a Parquet file \(unpacked or Snappy\)/,
  );
});

describe('what a format must not do', () => {
  test('a partly right answer of inspect is asked about', async () => {
    const log = {
      eval: { model: 'm', task: 't' },
      plan: {},
      samples: [
        { id: 1, epoch: 1, scores: { a: { value: 'P' } } },
        { id: 1, epoch: 2, scores: { a: { value: 'C' } } },
        { id: 2, epoch: 1, scores: { a: { value: null } } },
      ],
    };
    const text = JSON.stringify(log);
    await expect(diagnoseTexts({ 'a.json': text })).rejects.toThrow(/"P", partly right.*--reward-threshold/);
    const found = await diagnoseTexts({ 'a.json': text }, { rewardThreshold: '0.5' });
    expect(countsOf(found)).toEqual({ 't/1': [2, 2] });
    expect(found.notes.join()).toContain('1 samples without a grade are left out');
    const two = JSON.stringify({
      ...log,
      samples: [{ id: 1, epoch: 1, scores: { a: { value: 'C' }, b: { value: 'I' } } }],
    });
    await expect(diagnoseTexts({ 'a.json': two })).rejects.toThrow(
      /"a" and "b"; say which: --columns correct=a/,
    );
    expect(countsOf(await diagnoseTexts({ 'a.json': two }, { columns: 'correct=b' }))).toEqual({
      't/1': [1, 0],
    });
  });

  test('an archive that is none of inspect, or none at all', async () => {
    const zip = readFileSync(fileURLToPath(new URL('formats/inspect.eval', import.meta.url)));
    await expect(diagnoseTexts({ 'a.eval': zip.subarray(0, 300) })).rejects.toThrow(/cut short or damaged/);
  });
});

test('docs/formats.md has every format, with where it was looked up', () => {
  const text = readFileSync(fileURLToPath(new URL('../../docs/formats.md', import.meta.url)), 'utf8');
  for (const { id, source, score } of FORMATS) {
    expect(text).toContain(`\`${id}\``);
    expect(text.replaceAll('\\', '')).toContain(source);
    expect(text).toContain(score);
  }
});
