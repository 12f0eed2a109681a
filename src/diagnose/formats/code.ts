/** Harnesses of code: HumanEval, EvalPlus, bigcode, MultiPL-E, LiveCodeBench. */
import { InputError, shown } from '../../input/inputError.ts';
import { NotResults } from '../notResults.ts';
import {
  countsAt,
  idOf,
  isBooleans,
  isJsonObject,
  isList,
  isText,
  truthAt,
  type Format,
  type FormatRow,
  type JsonObject,
} from './format.ts';

export const humanEval: Format = {
  id: 'human-eval',
  title: 'HumanEval (OpenAI human-eval), *_results.jsonl',
  looksLike: 'task_id, passed, result ("passed", "timed out", "failed: ...")',
  source: 'openai/human-eval, human_eval/evaluation.py, evaluate_functional_correctness',
  score: 'passed',
  isRecord: ({ task_id: id, passed, result }) =>
    isText(id) &&
    typeof passed === 'boolean' &&
    isText(result) &&
    /^(passed|timed out|failed: )/.test(result),
  rows: (record, _, where) => [
    {
      problem: idOf(record.task_id, where),
      n: 1,
      correct: truthAt(record.passed, `${where}, passed`),
      ...(record.completion_id === undefined
        ? {}
        : { sample: idOf(record.completion_id, `${where}, completion_id`) }),
    },
  ],
};

const PASS_WORDS = ['pass', 'success'];
const NOT_PASS_WORDS = ['fail', 'failed', 'timeout', 'timed out'];

function statusAt(value: unknown, where: string): 0 | 1 {
  if (isText(value) && PASS_WORDS.includes(value)) return 1;
  if (isText(value) && NOT_PASS_WORDS.includes(value)) return 0;
  throw new InputError(where, [...PASS_WORDS, ...NOT_PASS_WORDS].join(', '), shown(value));
}

/** base, plus, or both: what EvalPlus itself counts as plus. */
function plusRule(score: string | null, where: string): 'base' | 'plus' | 'both' {
  if (score === null) return 'both';
  if (/^base(_status)?$/.test(score)) return 'base';
  if (/^plus(_status)?$/.test(score)) return 'plus';
  throw new InputError(`${where}: correct`, 'base_status or plus_status', shown(score));
}

const byRule = (rule: 'base' | 'plus' | 'both', base: 0 | 1, plus: 0 | 1 | null): 0 | 1 =>
  rule === 'base' || plus === null ? base : rule === 'plus' ? plus : base === 1 && plus === 1 ? 1 : 0;

export const evalPlus: Format = {
  id: 'evalplus',
  title: 'EvalPlus, *_eval_results.json, since 0.2.1',
  looksLike: 'eval: task -> list of { base_status, plus_status }',
  source: 'evalplus/evalplus, evalplus/evaluate.py, evaluate; tags v0.2.1 to v0.3.1 and later',
  score: 'base and extra tests both pass (base_status and plus_status)',
  isDocument: ({ eval: tasks }) =>
    isJsonObject(tasks) &&
    Object.values(tasks).some((list) => isList(list) && isJsonObject(list[0]) && 'base_status' in list[0]),
  rows: ({ eval: tasks }, context) => {
    const rule = plusRule(context.score, context.file);
    return Object.entries(tasks as JsonObject).flatMap(([problem, list]) => {
      const where = `${context.file}: eval.${problem}`;
      if (!isList(list)) throw new InputError(where, 'a list of samples', shown(list));
      if (list.length === 0) return [];
      const correct = list.reduce<number>((sum, sample, i) => {
        if (!isJsonObject(sample)) throw new InputError(`${where}[${i}]`, 'a sample', shown(sample));
        const base = statusAt(sample.base_status, `${where}[${i}].base_status`);
        const { plus_status: given } = sample;
        if (given === null || given === undefined) context.note('only the base tests were run');
        const plus =
          given === null || given === undefined ? null : statusAt(given, `${where}[${i}].plus_status`);
        return sum + byRule(rule, base, plus);
      }, 0);
      return [{ problem, n: list.length, correct }];
    });
  },
};

export const evalPlusOld: Format = {
  id: 'evalplus-old',
  title: 'EvalPlus, *_eval_results.json, up to 0.2.0',
  looksLike: 'eval: task -> { nfiles or files, base: [[status, details]], plus }',
  source: 'evalplus/evalplus, evalplus/evaluate.py, evaluate; tags v0.1.0 to v0.2.0',
  score: 'base and extra tests both pass (base and plus)',
  isDocument: ({ eval: tasks }) =>
    isJsonObject(tasks) &&
    Object.values(tasks).some(
      (task) => isJsonObject(task) && isList(task.base) && ('nfiles' in task || 'files' in task),
    ),
  rows: ({ eval: tasks }, context) => {
    const rule = plusRule(context.score, context.file);
    return Object.entries(tasks as JsonObject).flatMap(([problem, task]) => {
      const where = `${context.file}: eval.${problem}`;
      if (!isJsonObject(task) || !isList(task.base))
        throw new InputError(where, 'base and plus', shown(task));
      const plus = isList(task.plus) && task.plus.length > 0 ? task.plus : null;
      if (!plus) context.note('only the base tests were run');
      if (plus && plus.length !== task.base.length)
        throw new InputError(where, `as many of plus as of base, ${task.base.length}`, String(plus.length));
      const at = (list: readonly unknown[], i: number, name: string): 0 | 1 => {
        const pair = list[i];
        return statusAt(isList(pair) ? pair[0] : pair, `${where}.${name}[${i}]`);
      };
      if (task.base.length === 0) return [];
      const correct = task.base.reduce<number>(
        (sum, _, i) => sum + byRule(rule, at(task.base as unknown[], i, 'base'), plus && at(plus, i, 'plus')),
        0,
      );
      return [{ problem, n: task.base.length, correct }];
    });
  },
};

export const codeEval: Format = {
  id: 'bigcode',
  title: 'bigcode-evaluation-harness (and code_eval of Hugging Face), results by problem',
  looksLike: 'problem number -> list of [completion_id, { task_id, passed, result, completion_id }]',
  source: 'bigcode-project/bigcode-evaluation-harness, tasks/custom_metrics/code_eval.py, compute_code_eval',
  score: 'passed',
  isDocument: (document) => {
    const [first] = Object.values(document);
    return (
      isList(first) &&
      isList(first[0]) &&
      first[0].length === 2 &&
      isJsonObject(first[0][1]) &&
      'passed' in first[0][1]
    );
  },
  rows: (document, { file }) =>
    Object.entries(document).flatMap(([problem, list]) => {
      if (!isList(list)) throw new InputError(`${file}: ${problem}`, 'a list of completions', shown(list));
      return list.map((pair, i): FormatRow => {
        const where = `${file}: ${problem}[${i}]`;
        if (!isList(pair) || !isJsonObject(pair[1]))
          throw new InputError(where, 'a completion and its result', shown(pair));
        return {
          problem,
          n: 1,
          correct: truthAt(pair[1].passed, `${where}.passed`),
          sample: idOf(pair[0], where),
        };
      });
    }),
};

export const bigcodeMetrics: Format = {
  id: 'bigcode-metrics',
  title: 'bigcode-evaluation-harness, metrics (refused: nothing by problem)',
  looksLike: 'config: { n_samples, metric_output_path }',
  source: 'bigcode-project/bigcode-evaluation-harness, main.py, main',
  score: '',
  isDocument: ({ config }) => isJsonObject(config) && 'metric_output_path' in config,
  rows: (_, { file }) => {
    throw new NotResults(
      file,
      'outcomes by problem',
      'the metrics of bigcode-evaluation-harness, which are means over problems',
      'save what its metric code_eval returns as second value, or grade the generations again',
    );
  },
};

export const multiplE: Format = {
  id: 'multipl-e',
  title: 'MultiPL-E, a folder of *.results.json or *.results.json.gz',
  looksLike: 'name, results: list of { status, exit_code, program }',
  source: 'nuprl/MultiPL-E, evaluation/src/main.py, evaluate_problem; pass_k.py, for_file',
  score: 'status OK and exit_code 0',
  modelOfPath: (parts) => parts.at(-2),
  isDocument: ({ name, results }) =>
    isText(name) &&
    isList(results) &&
    (results.length === 0 || (isJsonObject(results[0]) && 'exit_code' in results[0])),
  rows: ({ name, results, language }, context, where) => {
    const list = results as readonly unknown[];
    if (list.length === 0) return [];
    const correct = list.reduce<number>((sum, entry, i) => {
      if (!isJsonObject(entry) || !isText(entry.status))
        throw new InputError(`${where}: results[${i}]`, 'a status', shown(entry));
      return sum + (entry.status === 'OK' && entry.exit_code === 0 ? 1 : 0);
    }, 0);
    const last = list.at(-1);
    if (correct === 1 && isJsonObject(last) && last.status === 'OK' && list.length > 1)
      context.note(
        'a problem whose only success is its last: --stop-on-success would make n depend on c, and pass@k too large',
      );
    const problem = idOf(name, where);
    return [{ problem: isText(language) ? `${language}/${problem}` : problem, n: list.length, correct }];
  },
};

export const liveCodeBench: Format = {
  id: 'livecodebench',
  title: 'LiveCodeBench, *_eval_all.json',
  looksLike: 'question_id, graded_list (list of true and false), pass@1',
  source: 'LiveCodeBench/LiveCodeBench, lcb_runner/benchmarks/code_generation.py, insert_output_evaluation',
  score: 'graded_list',
  isRecord: (record) =>
    'question_id' in record &&
    isBooleans(record.graded_list) &&
    ('output_list' in record || 'pass@1' in record || 'question_content' in record),
  rows: (record, { file }, where) => {
    const test = record.test_id === undefined ? '' : `/${idOf(record.test_id, where)}`;
    // In the scenario of execution one question has many samples of its own.
    const id =
      isText(record.id) && record.id.startsWith('sample_')
        ? record.id
        : idOf(record.question_id, `${where || file}, question_id`);
    return [{ problem: `${id}${test}`, ...countsAt(record.graded_list, `${where}, graded_list`) }];
  },
};

/** The array [metrics, results, metadata]: results by position. */
export const liveCodeBenchEval: Format = {
  id: 'livecodebench-eval',
  title: 'LiveCodeBench, *_eval.json',
  looksLike: '[{ pass@1, detail }, { position: list of samples, each a list of tests }, metadata]',
  source:
    'LiveCodeBench/LiveCodeBench, lcb_runner/evaluation/compute_code_generation_metrics.py, codegen_metrics',
  score: 'every test of a sample passes',
  isRecord: (record) => 'detail' in record && isJsonObject(record.detail) && 'pass@1' in record,
  // The metrics come first, then results by position, then metadata.
  mayFollow: (value) =>
    isList(value) || (isJsonObject(value) && Object.keys(value).every((key) => /^\d+$/.test(key))),
  rows: (record, _, where) => {
    if ('detail' in record) return [];
    return Object.entries(record).flatMap(([problem, samples]) => {
      if (!/^\d+$/.test(problem) || !isList(samples)) return [];
      return [
        {
          problem,
          n: samples.length,
          correct: samples.reduce<number>((sum, tests, i) => {
            if (!isList(tests))
              throw new InputError(`${where}.${problem}[${i}]`, 'a list of tests', shown(tests));
            return (
              sum + (tests.every((test) => test === true || (typeof test === 'number' && test > 0)) ? 1 : 0)
            );
          }, 0),
        },
      ];
    });
  },
};
