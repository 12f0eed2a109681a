/** Harnesses and data sets of mathematics and questions: lm-evaluation-harness, Qwen2.5-Math, OpenR1, Large Language Monkeys, NeMo-Skills, OpenCompass. */
import { InputError, shown } from '../../input/inputError.ts';
import { NotResults } from '../notResults.ts';
import { numberOf, truth } from '../truth.ts';
import {
  countsAt,
  idOf,
  isBooleans,
  isJsonObject,
  isList,
  isText,
  truthAt,
  type Format,
  type FormatContext,
  type FormatRow,
  type JsonObject,
} from './format.ts';

const LM_EVAL_FIELDS = new Set([
  'doc_id',
  'doc',
  'target',
  'arguments',
  'resps',
  'filtered_resps',
  'filter',
  'metrics',
  'doc_hash',
  'prompt_hash',
  'target_hash',
]);

/** "samples_gsm8k_2026-01-02T03-04-05.678.jsonl" → "gsm8k/" */
function taskOf(path: string): string {
  const stem = path.split(/[\\/]/).at(-1) ?? '';
  const task = /^samples_(.+)_\d{4}-\d\d-\d\dT/.exec(stem)?.[1];
  return task === undefined ? '' : `${task}/`;
}

export const lmEval: Format = {
  id: 'lm-eval',
  title: 'lm-evaluation-harness, samples_<task>_<date>.jsonl',
  looksLike: 'doc_id, doc, target, resps, filtered_resps, and a field for each metric; filter',
  source:
    'EleutherAI/lm-evaluation-harness, lm_eval/evaluator.py, evaluate; loggers/evaluation_tracker.py; tags v0.4.0 to v0.4.9',
  score: 'its only metric; pass@1 over repeats as a count',
  modelOfPath: (parts) => (taskOf(parts.join('/')) === '' ? undefined : parts.at(-2)),
  isRecord: (record) => 'doc_id' in record && isList(record.resps) && 'filtered_resps' in record,
  rows: (record, context, where) => {
    const { memory, columns, whereName } = context;
    const problem = `${taskOf(context.path)}${idOf(record.doc_id, `${where}, doc_id`)}`;
    const filter = isText(record.filter) ? record.filter : null;
    const before = memory.get('filter');
    if (filter !== null) {
      if (before !== undefined && before !== filter) {
        throw new InputError(
          where,
          'one filter: two filters of a sample are two scorings of it',
          `${shown(before)} and ${shown(filter)}`,
          `say which: ${whereName} filter=${before as string}, or ${whereName} filter=${filter}`,
        );
      }
      memory.set('filter', filter);
    }
    const seen = (memory.get('docs') ?? new Set<string>()) as Set<string>;
    if (seen.has(problem)) {
      throw new InputError(
        where,
        'each doc_id once',
        `${shown(problem)} again`,
        'versions before 0.4.7 write a line a filter and do not say which: keep the lines of one',
      );
    }
    memory.set('docs', seen.add(problem));
    const metric = lmMetric(record, context, where, columns);
    const value = record[metric];
    const first = (record.resps as readonly unknown[])[0];
    const repeats = isList(first) ? first.length : 1;
    const number = numberOf(value);
    if (/^pass@1$/.test(metric) && repeats > 1) {
      const correct = Math.round(number * repeats);
      if (!(Math.abs(correct - number * repeats) < 1e-6))
        throw new InputError(`${where}, ${metric}`, `a multiple of 1/${repeats}`, shown(value));
      return [{ problem, n: repeats, correct }];
    }
    if (repeats > 1) context.note(`${repeats} repeats a document, of which ${metric} grades one: n = 1`);
    return [{ problem, n: 1, correct: truthAt(value, `${where}, ${metric}`) }];
  },
};

function lmMetric(
  record: JsonObject,
  { score, memory }: FormatContext,
  where: string,
  columns: string,
): string {
  const known = memory.get('metric');
  if (isText(known) && known in record) return known;
  const listed = isList(record.metrics)
    ? record.metrics.filter(isText)
    : Object.keys(record).filter((key) => !LM_EVAL_FIELDS.has(key) && !Number.isNaN(numberOf(record[key])));
  if (score !== null) {
    if (!(score in record))
      throw new InputError(`${where}: ${columns} correct`, listed.join(', '), shown(score));
    memory.set('metric', score);
    return score;
  }
  const usual = listed.includes('pass@1') ? ['pass@1'] : listed;
  if (usual.length !== 1) {
    throw new InputError(
      where,
      'one metric',
      usual.length === 0 ? 'none' : usual.map(shown).join(' and '),
      usual.length === 0 ? undefined : `say which: ${columns} correct=${usual[0]}`,
    );
  }
  memory.set('metric', usual[0]);
  return usual[0];
}

export const qwenMath: Format = {
  id: 'qwen2.5-math',
  title: 'Qwen2.5-Math evaluation, *.jsonl',
  looksLike: 'idx, gt, and score (list of true and false), pred, code as long',
  source: 'QwenLM/Qwen2.5-Math, evaluation/math_eval.py, main; evaluation/evaluate.py, evaluate',
  score: 'score, of every sample (its own acc is that of the first)',
  isRecord: ({ idx, score, pred, code }) =>
    idx !== undefined && isBooleans(score) && isList(pred) && isList(code),
  rows: (record, _, where) => [
    { problem: idOf(record.idx, `${where}, idx`), ...countsAt(record.score, `${where}, score`) },
  ],
};

export const openR1: Format = {
  id: 'openr1',
  title: 'OpenR1-Math, rows of the data set',
  looksLike: 'generations, correctness_math_verify, correctness_llama, correctness_count, uuid',
  source: 'huggingface.co/datasets/open-r1/OpenR1-Math-220k, README.md, dataset_info',
  score: 'correctness_math_verify, else correctness_count',
  isRecord: (record) =>
    isList(record.generations) &&
    ('correctness_math_verify' in record || typeof record.correctness_count === 'number'),
  rows: (record, context, where) => {
    const usual = 'correctness_math_verify' in record ? 'correctness_math_verify' : 'correctness_count';
    const column = context.score ?? usual;
    const { length } = record.generations as readonly unknown[];
    const list = record[column];
    context.note(
      'the data set keeps problems with at least one right trace: pass@k of it is not that of its model',
    );
    if (list === null || list === undefined || length === 0) {
      context.ungraded(length);
      return [];
    }
    const problem = idOf(record.uuid ?? record.problem, where);
    if (typeof list === 'number') {
      if (!Number.isInteger(list) || list < 0 || list > length)
        throw new InputError(`${where}, ${column}`, `a count of at most ${length}`, shown(list));
      return [{ problem, n: length, correct: list }];
    }
    return [{ problem, ...countsAt(list, `${where}, ${column}`) }];
  },
};

export const monkeys: Format = {
  id: 'monkeys',
  title: 'Large Language Monkeys (monkey_business), <task>_<model>.json',
  looksLike: 'samples, is_corrects (list of true and false), orig_dset_idx',
  source: 'ScalingIntelligence/large_language_monkeys, llmonk/evaluate/math_datasets.py, process_sample',
  score: 'is_corrects',
  isRecord: (record) => isList(record.is_corrects) && isList(record.samples),
  rows: (record, { path }, where) => {
    const stem = (path.split(/[\\/]/).at(-1) ?? '').replace(/\.json(\.gz)?$/i, '');
    const model = /^(GSM8K|MATH|CodeContests|MiniF2F-MATH)_(.+)$/.exec(stem)?.[2];
    return [
      {
        problem: idOf(record.orig_dset_idx ?? record.theorem_name ?? record.name ?? record.question, where),
        ...countsAt(record.is_corrects, `${where}, is_corrects`),
        ...(model === undefined ? {} : { model }),
      },
    ];
  },
};

/** The judge's last word: "Judgement: Yes". */
const judgementTruth = (text: string): 0 | 1 =>
  /^\s*yes/i.test(text.split(/judgement:/i).at(-1) ?? '') && /judgement:/i.test(text) ? 1 : 0;

interface NemoScore {
  readonly name: string;
  readonly read: (value: unknown, where: string) => 0 | 1;
}

const plainScore = (name: string): NemoScore => ({ name, read: truthAt });
const within = (name: string, key: string): NemoScore => ({
  name,
  read: (value, where) => truthAt(isJsonObject(value) ? value[key] : undefined, where),
});

/** The main one first. */
const NEMO_SCORES: readonly NemoScore[] = [
  {
    name: 'judgement',
    read: (value, where) => {
      if (!isText(value)) throw new InputError(where, 'a text', shown(value));
      return judgementTruth(value);
    },
  },
  plainScore('symbolic_correct'),
  plainScore('is_correct-plus'),
  plainScore('is_correct'),
  { name: 'graded_list', read: (value, where) => truthAt(isList(value) ? value[0] : value, where) },
  { name: 'proof_status', read: (value) => (value === 'completed' ? 1 : 0) },
  plainScore('is_passed'),
  within('swe-bench-metrics', 'resolved'),
  within('strict_eval', 'follow_all_instructions'),
];

const NEMO_IDS = ['id', 'task_id', 'question_id', 'unique_id', 'problem_idx', 'problem', 'question'];

export const nemoSkills: Format = {
  id: 'nemo-skills',
  title: 'NeMo-Skills, output-rs<seed>.jsonl, a file a seed',
  looksLike: 'generation with symbolic_correct, judgement, is_correct(-plus), graded_list or proof_status',
  source: 'NVIDIA/NeMo-Skills (November 2025), nemo_skills/evaluation/metrics/*.py, evaluator/*.py',
  score: 'judgement where a judge was asked, else symbolic_correct, is_correct-plus, is_correct, ...',
  isRecord: (record) =>
    (isText(record.generation) || 'predicted_answer' in record) &&
    NEMO_SCORES.some(({ name }) => name in record) &&
    !('example_id' in record),
  rows: (record, context, where) => {
    const { score, memory } = context;
    const chosen =
      score === null
        ? NEMO_SCORES.find(({ name }) => name in record)
        : (NEMO_SCORES.find(({ name }) => name === score) ?? plainScore(score));
    if (!chosen || !(chosen.name in record))
      throw new InputError(`${where}: score`, NEMO_SCORES.map(({ name }) => name).join(', '), shown(score));
    context.note(`${chosen.name} is the score`);
    const line = Number(memory.get('line') ?? 0);
    memory.set('line', line + 1);
    const key = (memory.get('id') ?? NEMO_IDS.find((name) => name in record) ?? '') as string;
    memory.set('id', key);
    if (key === '') context.note('there is no id: lines of the same number are one problem');
    const problem = key === '' ? `line ${line + 1}` : idOf(record[key], `${where}, ${key}`);
    return [{ problem, n: 1, correct: chosen.read(record[chosen.name], `${where}, ${chosen.name}`) }];
  },
};

const OPENCOMPASS_SCORES = ['correct', 'is_correct', 'cascade_correct'];

export const openCompass: Format = {
  id: 'opencompass',
  title: 'OpenCompass, results/<model>/<dataset>.json',
  looksLike: 'details: list of { example_abbr, correct: list }',
  source:
    'open-compass/opencompass, openicl/icl_evaluator/icl_base_evaluator.py, evaluate; tasks/openicl_eval.py',
  score: 'correct, else is_correct, else cascade_correct',
  isDocument: ({ details }) =>
    (isList(details) && isJsonObject(details[0]) && 'example_abbr' in details[0]) ||
    (isJsonObject(details) && isText(details.type) && isJsonObject(details['0'])),
  rows: ({ details }, context) => {
    const { file, score } = context;
    // results/<model>/<dataset>.json
    const parts = context.path.split(/[\\/]/);
    const model = parts.at(-3) === 'results' ? parts.at(-2) : undefined;
    const named = model === undefined ? {} : { model };
    const scoreOf = (entry: JsonObject): string | undefined =>
      score ?? OPENCOMPASS_SCORES.find((name) => name in entry);
    if (isJsonObject(details)) {
      const dataset = (parts.at(-1) ?? '').replace(/\.json(\.gz)?$/i, '');
      return Object.entries(details).flatMap(([problem, entry]): FormatRow[] => {
        if (!isJsonObject(entry)) return [];
        const name = scoreOf(entry);
        if (name === undefined) throw notGraded(file);
        return [
          {
            problem: `${dataset}/${problem}`,
            n: 1,
            correct: truthAt(entry[name], `${file}: details.${problem}.${name}`),
            ...named,
          },
        ];
      });
    }
    return (details as readonly unknown[]).map((entry, i): FormatRow => {
      const where = `${file}: details[${i}]`;
      if (!isJsonObject(entry)) throw new InputError(where, 'a problem', shown(entry));
      const problem = idOf(entry.example_abbr, `${where}.example_abbr`);
      const name = scoreOf(entry);
      if (name === undefined) throw notGraded(file);
      const longest = Math.max(...Object.values(entry).map((value) => (isList(value) ? value.length : 0)));
      const rule = entry.rule_evaluation;
      if (name === 'cascade_correct' && isList(rule)) {
        return { problem, ...cascade(entry[name], rule, entry.llm_evaluation, where), ...named };
      }
      const list = isList(entry[name]) ? entry[name] : [entry[name]];
      if (list.length < longest)
        throw new InputError(
          `${where}.${name}`,
          `${longest} outcomes, as many as its other lists`,
          String(list.length),
        );
      return { problem, ...countsAt(list, `${where}.${name}`), ...named };
    });
  },
};

const notGraded = (file: string): InputError =>
  new NotResults(
    file,
    'graded results',
    'details without correct',
    'take the file of results, not of predictions',
  );

/** Right by the rule, or by the judge who was asked where the rule said no. */
function cascade(
  list: unknown,
  rule: readonly unknown[],
  judged: unknown,
  where: string,
): { n: number; correct: number } {
  if (isList(list) && list.length === rule.length) return countsAt(list, `${where}.cascade_correct`);
  const right = rule.map((entry) => isJsonObject(entry) && truth(entry.correct) === 1);
  if (isList(judged)) {
    judged.forEach((entry) => {
      if (!isJsonObject(entry)) return;
      const replica = numberOf(entry.dataset_replica_idx);
      if (Number.isInteger(replica) && replica < right.length && truth(entry.llm_correct) === 1)
        right[replica] = true;
    });
  }
  return { n: right.length, correct: right.filter(Boolean).length };
}
