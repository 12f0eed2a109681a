/** Trainers and agents: verl, verifiers, inspect-ai, tau-bench, SWE-bench. */
import { InputError, shown } from '../../input/inputError.ts';
import { numberOf, rewardTruth } from '../truth.ts';
import {
  idOf,
  isJsonObject,
  isList,
  isText,
  rewardAt,
  truthAt,
  type Format,
  type FormatContext,
  type FormatRow,
  type JsonObject,
} from './format.ts';

export const verl: Format = {
  id: 'verl',
  title: 'verl, validation_data_dir and rollout_data_dir, <step>.jsonl',
  looksLike: 'input, output, score, step; gts, reward, acc',
  source:
    'verl-project/verl, verl/trainer/ppo/ray_trainer.py, _dump_generations, _val_metrics_update; ppo/v1/trainer_base.py',
  score: 'acc, else reward, else score; -1 is wrong',
  // A file is a step: its folder is the run.
  modelOfPath: (parts) => (/^\d+\.jsonl(\.gz)?$/i.test(parts.at(-1) ?? '') ? parts.at(-2) : undefined),
  isRecord: (record) =>
    isText(record.input) && 'output' in record && 'score' in record && ('step' in record || 'gts' in record),
  rows: (record, context, where) => {
    const column =
      context.score ??
      ['acc', 'reward', 'score'].find((name) => name in record && record[name] !== null) ??
      'score';
    context.note(`${column} is the score`);
    const checkpoint = record.step === undefined ? {} : { checkpoint: idOf(record.step, `${where}, step`) };
    const correct = rewardAt(record[column], `${where}, ${column}`, context);
    const session = isText(record.uid)
      ? /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_(\d+)_(\d+)$/i.exec(record.uid)
      : null;
    if (!session) return [{ problem: idOf(record.input, `${where}, input`), n: 1, correct, ...checkpoint }];
    // A session of several turns writes a line for each, all with its last score.
    const key = `${String(record.step)} ${session[1]} ${session[2]}`;
    const seen = (context.memory.get('sessions') ?? new Set<string>()) as Set<string>;
    if (seen.has(key)) {
      context.note('a session of several turns has several lines, of which one counts');
      return [];
    }
    context.memory.set('sessions', seen.add(key));
    return [{ problem: session[1], n: 1, correct, ...checkpoint }];
  },
};

/** Keys of a rollout that are no reward function of its own. */
function verifiersScore(record: JsonObject, context: FormatContext, where: string): 0 | 1 {
  const column = context.score ?? 'reward';
  const value = record[column] ?? (isJsonObject(record.metrics) ? record.metrics[column] : undefined);
  const outcome = rewardTruth(value, context.threshold);
  if (outcome === null) {
    throw new InputError(
      `${where}, ${column}`,
      'a reward of 0 or 1',
      shown(value),
      `its own rule is ${context.thresholdName} 0.5; or take a reward function that is 0 or 1: ${context.columns} correct=...`,
    );
  }
  return outcome;
}

export const verifiers: Format = {
  id: 'verifiers',
  title: 'verifiers (vf-eval), results.jsonl',
  looksLike: 'example_id (or id with generation_ms), prompt, completion, reward',
  source: 'PrimeIntellect-ai/verifiers, verifiers/legacy/utils/save_utils.py; tags v0.1.5, v0.1.9, v0.2.0',
  score: 'reward',
  isRecord: (record) =>
    'prompt' in record &&
    'completion' in record &&
    'reward' in record &&
    ('example_id' in record || ('id' in record && 'generation_ms' in record)),
  rows: (record, context, where) => {
    if (record.error !== null && record.error !== undefined)
      context.note('rollouts that failed are counted with the reward that they have, as verifiers does');
    const env = isText(record.task) && record.task !== 'default' ? `${record.task}/` : '';
    const id = idOf(record.example_id ?? record.id, `${where}, example_id`);
    return [{ problem: `${env}${id}`, n: 1, correct: verifiersScore(record, context, where) }];
  },
};

export const verifiersTraces: Format = {
  id: 'verifiers-traces',
  title: 'verifiers, traces.jsonl',
  looksLike: 'traces with rewards, task, ok; or nodes, rewards, task',
  source: 'PrimeIntellect-ai/verifiers, verifiers/v1/episode.py, trace.py; tag v0.2.0',
  score: 'the sum of score times weight',
  isRecord: (record) =>
    isJsonObject(record.task) &&
    ((isList(record.traces) && 'ok' in record) || (isList(record.nodes) && isJsonObject(record.rewards))),
  rows: (record, context, where) => {
    if (record.ok === false) {
      context.ungraded(1);
      return [];
    }
    const traces = isList(record.traces) ? record.traces.filter(isJsonObject) : [record];
    const graded = traces.filter(({ rewards }) => isJsonObject(rewards) && Object.keys(rewards).length > 0);
    if (graded.length !== 1)
      throw new InputError(
        where,
        'one trace with rewards',
        `${graded.length}`,
        'which agent is meant is for the environment to say',
      );
    const [{ rewards, agent, task: ownTask }] = graded;
    const total = Object.values(rewards as JsonObject).reduce<number>((sum, reward) => {
      if (isJsonObject(reward))
        return sum + numberOf(reward.score) * (reward.weight === undefined ? 1 : numberOf(reward.weight));
      return reward === null ? sum : sum + numberOf(reward);
    }, 0);
    const task = (record.task ?? ownTask) as JsonObject;
    const data = isJsonObject(task.data) ? task.data : {};
    const config = isJsonObject(agent) && isJsonObject(agent.config) ? agent.config : {};
    return [
      {
        problem: idOf(data.idx ?? task.key ?? task.hash, `${where}, task`),
        n: 1,
        correct: rewardAt(total, `${where}, rewards`, context),
        ...(isText(config.model) ? { model: config.model } : {}),
      },
    ];
  },
};

export const inspect: Format = {
  id: 'inspect-ai',
  title: 'inspect-ai, logs as .json and .eval (a zip, deflate)',
  looksLike: 'eval: { task, model }, samples: list of { id, epoch, scores }',
  source:
    'UKGovernmentBEIS/inspect_ai, src/inspect_ai/log/_log.py, log/_recorders/eval.py, scorer/_metric.py, value_to_float',
  score: 'the only scorer; C or 1 is right, I, N or 0 wrong',
  isDocument: (document) =>
    isJsonObject(document.eval) &&
    'model' in document.eval &&
    (isList(document.samples) || 'plan' in document),
  rows: (document, context) => {
    const { file, columns } = context;
    const header = document.eval as JsonObject;
    if (!isList(document.samples))
      throw new InputError(
        file,
        'samples',
        'a log without',
        'it was written with --no-log-samples, or is a header alone',
      );
    const model = isText(header.model) ? { model: header.model } : {};
    // Ids are numbered from 1 in every task.
    const task = isText(header.task) ? `${header.task.split('/').at(-1)}/` : '';
    // The last of a sample counts: one that was run again is written again.
    const last = new Map<string, JsonObject>();
    for (const sample of document.samples) {
      if (isJsonObject(sample)) last.set(JSON.stringify([sample.id, sample.epoch]), sample);
    }
    const samples = [...last.values()];
    const scorers = new Set(
      samples.flatMap(({ scores }) => (isJsonObject(scores) ? Object.keys(scores) : [])),
    );
    const scorer = context.score ?? (scorers.size === 1 ? [...scorers][0] : null);
    if (scorer === null) {
      throw new InputError(
        file,
        'one scorer',
        scorers.size === 0 ? 'none' : [...scorers].map(shown).join(' and '),
        scorers.size === 0 ? 'score the log first' : `say which: ${columns} correct=${[...scorers][0]}`,
      );
    }
    return samples.flatMap((sample, i): FormatRow[] => {
      const where = `${file}: samples[${i}]`;
      const score = isJsonObject(sample.scores) ? sample.scores[scorer] : undefined;
      const value = isJsonObject(score) ? score.value : (score ?? sample.score);
      const outcome = inspectTruth(value, context, `${where}.scores.${scorer}`);
      if (outcome === null) {
        context.ungraded(1);
        return [];
      }
      return [
        {
          problem: `${task}${idOf(sample.id, `${where}.id`)}`,
          n: 1,
          correct: outcome,
          ...(sample.epoch === undefined ? {} : { sample: idOf(sample.epoch, `${where}.epoch`) }),
          ...model,
        },
      ];
    });
  },
};

function inspectTruth(
  value: unknown,
  { threshold, thresholdName }: FormatContext,
  where: string,
): 0 | 1 | null {
  // NaN, which JSON has not, is what was not scored.
  if (value === undefined || value === null) return null;
  if (value === 'C') return 1;
  if (value === 'I' || value === 'N') return 0;
  if (value === 'P' && threshold === null)
    throw new InputError(
      where,
      'C, I or N',
      '"P", partly right',
      `say from where on it is right: ${thresholdName} 0.5`,
    );
  const outcome = rewardTruth(value === 'P' ? 0.5 : value, threshold);
  if (outcome === null) return truthAt(value, where);
  return outcome;
}

/** As both benches have it. */
const isSuccess = (reward: number): 0 | 1 => (Math.abs(reward - 1) <= 1e-6 ? 1 : 0);

function tauReward(value: unknown, where: string): 0 | 1 {
  const reward = numberOf(value);
  if (!Number.isFinite(reward)) throw new InputError(where, 'a reward', shown(value));
  return isSuccess(reward);
}

export const tauBench: Format = {
  id: 'tau-bench',
  title: 'tau-bench, results/*.json',
  looksLike: 'task_id, reward, info, traj, trial',
  source: 'sierra-research/tau-bench, tau_bench/run.py, display_metrics; tau_bench/types.py, EnvRunResult',
  score: 'reward, right within 1e-6 of 1',
  isRecord: (record) => 'task_id' in record && 'reward' in record && 'traj' in record,
  rows: (record, context, where) => {
    if (isJsonObject(record.info) && 'traceback' in record.info)
      context.note('trials that crashed are counted as wrong, as tau-bench does');
    return [
      {
        problem: idOf(record.task_id, `${where}, task_id`),
        n: 1,
        correct: tauReward(record.reward, `${where}, reward`),
        ...(record.trial === undefined || record.trial === null
          ? {}
          : { sample: idOf(record.trial, `${where}, trial`) }),
      },
    ];
  },
};

export const tau2Bench: Format = {
  id: 'tau2-bench',
  title: 'tau2-bench, results.json',
  looksLike: 'info: { agent_info }, tasks, simulations: list of { task_id, trial, reward_info }',
  source:
    'sierra-research/tau2-bench, src/tau2/data_model/simulation.py, Results; metrics/agent_metrics.py, is_successful',
  score: 'reward_info.reward, right within 1e-6 of 1',
  isDocument: ({ simulations, simulation_index: index, info }) =>
    (isList(simulations) || isList(index)) && isJsonObject(info) && 'agent_info' in info,
  rows: (document, context) => {
    const info = document.info as JsonObject;
    const agent = isJsonObject(info.agent_info) ? info.agent_info : {};
    const model = isText(agent.llm) ? { model: agent.llm } : {};
    const environment = isJsonObject(info.environment_info) ? info.environment_info : {};
    const domain = isText(environment.domain_name) ? `${environment.domain_name}/` : '';
    const name = isList(document.simulations) ? 'simulations' : 'simulation_index';
    return (document[name] as readonly unknown[]).flatMap((entry, i): FormatRow[] => {
      const where = `${context.file}: ${name}[${i}]`;
      if (!isJsonObject(entry)) throw new InputError(where, 'a simulation', shown(entry));
      const reward = isJsonObject(entry.reward_info) ? entry.reward_info.reward : entry.reward;
      // What never ran says nothing of the agent.
      if (entry.termination_reason === 'infrastructure_error' || reward === null || reward === undefined) {
        context.ungraded(1);
        return [];
      }
      return [
        {
          problem: `${domain}${idOf(entry.task_id, `${where}.task_id`)}`,
          n: 1,
          correct: tauReward(reward, `${where}.reward`),
          ...(entry.trial === null || entry.trial === undefined
            ? {}
            : { sample: idOf(entry.trial, `${where}.trial`) }),
          ...model,
        },
      ];
    });
  },
};

export const sweBench: Format = {
  id: 'swe-bench',
  title: 'SWE-bench, <model>.<run>.json, a file a run',
  looksLike: 'resolved_ids, submitted_ids, unresolved_ids, error_ids, empty_patch_ids',
  source: 'SWE-bench/SWE-bench, swebench/harness/reporting.py, make_run_report; v3.0.17, v4.1.0',
  score: 'resolved, of those submitted',
  isDocument: ({ resolved_ids: resolved, submitted_ids: submitted }) => isList(resolved) && isList(submitted),
  rows: (document, context) => {
    const resolved = new Set(document.resolved_ids as readonly unknown[]);
    context.note('instances without a prediction are left out');
    return [...new Set(document.submitted_ids as readonly unknown[])].map((id, i) => ({
      problem: idOf(id, `${context.file}: submitted_ids[${i}]`),
      n: 1,
      correct: resolved.has(id) ? 1 : 0,
    }));
  },
};

export const sweBenchInstance: Format = {
  id: 'swe-bench-instance',
  title: 'SWE-bench, report.json of an instance',
  looksLike: 'instance -> { patch_exists, resolved }',
  source: 'SWE-bench/SWE-bench, swebench/harness/grading.py, get_eval_report',
  score: 'resolved',
  modelOfPath: (parts) => parts.at(-3),
  isDocument: (document) => {
    const values = Object.values(document);
    return (
      values.length === 1 && isJsonObject(values[0]) && 'resolved' in values[0] && 'patch_exists' in values[0]
    );
  },
  rows: (document, context, where) => {
    context.note(
      'instances with an empty patch, or that crashed, have no report: the run summary counts them',
    );
    return Object.entries(document).map(([problem, entry]) => ({
      problem,
      n: 1,
      correct: truthAt(isJsonObject(entry) ? entry.resolved : entry, `${where}, resolved`),
    }));
  },
};
