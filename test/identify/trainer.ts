/** A small trainer of its own: groups of rewards, advantages by the formulas as frameworks write them, and logs in several shapes. */
import { openStream } from '../../src/math/random/stream.ts';

export interface Group {
  readonly step: number;
  readonly prompt: string;
  readonly rewards: readonly number[];
}

/** advantages of a batch, group by group */
export type Rule = (batch: readonly Group[]) => readonly (readonly number[])[];

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function std(values: readonly number[], ddof: 0 | 1): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - ddof));
}

const each =
  (rule: (rewards: readonly number[]) => readonly number[]): Rule =>
  (batch) =>
    batch.map(({ rewards }) => rule(rewards));

const less = (values: readonly number[], by: number): number[] => values.map((value) => value - by);
const over = (values: readonly number[], by: number): number[] => values.map((value) => value / by);
const others = (values: readonly number[], i: number): number[] => values.filter((_, j) => j !== i);

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 0; i < k; i += 1) result = (result * (n - i)) / (i + 1);
  return k > n ? 0 : result;
}

export const grpo = (ddof: 0 | 1, eps: number): Rule =>
  each((rewards) => over(less(rewards, mean(rewards)), std(rewards, ddof) + eps));

export const drGrpo = each((rewards) => less(rewards, mean(rewards)));
export const rloo = each((rewards) => rewards.map((reward, i) => reward - mean(others(rewards, i))));
export const maxrl = (eps: number): Rule =>
  each((rewards) =>
    mean(rewards) === 0 ? rewards.map(() => 0) : over(less(rewards, mean(rewards)), mean(rewards) + eps),
  );

export const fGrpo = (gamma: number, ddof: 0 | 1, eps: number): Rule =>
  each((rewards) =>
    over(less(rewards, mean(rewards)), std(rewards, ddof) + eps).map(
      (value) => value * (1 - mean(rewards)) ** gamma,
    ),
  );

export const rsGrpo = (beta: number): Rule =>
  each((rewards) => {
    const raised = rewards.map((reward) => Math.exp(beta * reward));
    return raised.map((value) => (value / mean(raised) - 1) / beta);
  });

export const passkTraining = (k: number, eps: number): Rule =>
  each((rewards) => {
    const n = rewards.length;
    const c = rewards.filter((reward) => reward === 1).length;
    const pass = 1 - choose(n - c, k) / choose(n, k);
    const deviation = Math.sqrt(pass * (1 - pass)) + eps;
    return rewards.map((reward) =>
      reward === 1
        ? (1 - pass) / deviation
        : (1 - pass - choose(n - c - 1, k - 1) / choose(n - 1, k - 1)) / deviation,
    );
  });

const batchRewards = (batch: readonly Group[]): number[] => batch.flatMap(({ rewards }) => rewards);

export const stdOverBatch =
  (ddof: 0 | 1, eps: number): Rule =>
  (batch) => {
    const deviation = std(batchRewards(batch), ddof) + eps;
    return batch.map(({ rewards }) => over(less(rewards, mean(rewards)), deviation));
  };

export const leaveOneOutStd = (eps: number): Rule =>
  each((rewards) =>
    rewards.map((reward, i) => {
      const rest = others(rewards, i);
      const deviation = std(rest, 1);
      return deviation > 0 ? (reward - mean(rest)) / (deviation + eps) : reward - mean(rest);
    }),
  );

export const meanBack = (ddof: 0 | 1, eps: number): Rule =>
  each((rewards) =>
    over(less(rewards, mean(rewards)), std(rewards, ddof) + eps).map((value) => value + mean(rewards)),
  );

export const batchMeanBack =
  (ddof: 0 | 1, eps: number): Rule =>
  (batch) => {
    const all = batchRewards(batch);
    return batch.map(({ rewards }) =>
      over(less(rewards, mean(all)), std(all, ddof) + eps).map((value) => value + mean(all)),
    );
  };

export const twiceOverStd = (ddof: 0 | 1, eps: number): Rule =>
  each((rewards) => over(less(rewards, mean(rewards)), (std(rewards, ddof) + eps) ** 2));

export const groupThenBatch =
  (eps: number): Rule =>
  (batch) => {
    const own = grpo(1, eps)(batch);
    const all = own.flat();
    return own.map((values) => over(less(values, mean(all)), std(all, 1) + eps));
  };

/** The baseline is taken over rows that are dropped afterwards. */
export const bestOnly = (ddof: 0 | 1, eps: number): Rule =>
  each((rewards) => {
    const sorted = [...rewards].sort((a, b) => b - a);
    const best = rewards.indexOf(sorted[0]);
    return rewards.map((_, i) => (i === best ? (sorted[0] - sorted[1]) / (std(rewards, ddof) + eps) : 0));
  });

/** GRPO, then the first of the best is given a value of its own. */
export const bestOverwritten: Rule = (batch) =>
  grpo(
    1,
    1e-6,
  )(batch).map((values, g) => {
    const best = batch[g].rewards.indexOf(1);
    return values.map((value, i) => (i === best ? 1 : value));
  });

export interface Made {
  readonly groups: readonly Group[];
  readonly rows: readonly {
    readonly step: number;
    readonly prompt: string;
    readonly reward: number;
    readonly advantage: number;
  }[];
}

/** @param rewards of wrong and right @param skip groups of these c are not made */
export function train(
  rule: Rule,
  {
    n = 8,
    steps = 12,
    prompts = 16,
    rewards = [0, 1],
    skip = [],
    seed = 1,
  }: {
    n?: number;
    steps?: number;
    prompts?: number;
    rewards?: readonly [number, number];
    skip?: readonly number[];
    seed?: number;
  } = {},
): Made {
  const words = openStream(seed, 0xfffffffd, 0, 0, 0);
  const groups: Group[] = [];
  const rows: Made['rows'][number][] = [];
  for (let step = 1; step <= steps; step += 1) {
    const batch = Array.from({ length: prompts }, (_, g): Group => {
      const choices = Array.from({ length: n + 1 }, (__, c) => c).filter((c) => !skip.includes(c));
      const c = choices[words() % choices.length];
      const order = Array.from({ length: n }, (__, i) => ({ i, key: words() })).sort((a, b) => a.key - b.key);
      const own = Array.from({ length: n }, () => rewards[0]);
      for (const { i } of order.slice(0, c)) own[i] = rewards[1];
      return { step, prompt: `prompt ${g}`, rewards: own };
    });
    const advantages = rule(batch);
    batch.forEach((group, g) => {
      groups.push(group);
      group.rewards.forEach((reward, i) =>
        rows.push({ step, prompt: group.prompt, reward, advantage: Math.fround(advantages[g][i]) }),
      );
    });
  }
  return { groups, rows };
}

/** The nearest number of 8 bits. */
export function bf16(value: number): number {
  const bits = new Uint32Array(new Float32Array([value]).buffer);
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(bits.buffer)[0];
}

export const jsonl = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

export function csv(rows: readonly Readonly<Record<string, unknown>>[], delimiter = ','): string {
  const columns = Object.keys(rows[0]);
  return [columns, ...rows.map((row) => columns.map((column) => String(row[column])))]
    .map((fields) => fields.join(delimiter))
    .join('\n');
}
