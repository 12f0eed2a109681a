/**
 * Advantages of a weighted sum of several rewards: no table over c, but a rule all the same. Within a group an advantage is affine in the
 * total reward, so regression of the advantages on the rewards, group by group, gives the weights; the rule is then looked for on the sum.
 */
import { fitRow, type Row, type Term, type Wanted } from './fits.ts';
import { slackOf, spreadsOf, type Known } from './logMistakes.ts';
import type { RolloutLog } from './rolloutLog.ts';

/** Other rewards that are tried together, at most. */
const MOST_OTHERS = 3;

/** A sentence, or null where no sum explains the advantages. */
export function sumOfRewards(
  log: RolloutLog,
  known: readonly Known[],
  indexOf: ReadonlyMap<unknown, number>,
): string | null {
  const columns = [...log.otherRewards].filter(([, values]) => values.every((value) => value !== null));
  if (columns.length === 0 || columns.length > MOST_OTHERS) return null;
  const own = known.map(({ reward }) => (reward === 1 ? log.rewards.correct : log.rewards.wrong));
  const others = columns.map(([, values]) => known.map((rollout) => values[indexOf.get(rollout) ?? 0] ?? 0));
  const weights = weightsOf(log, known, own, others);
  if (!weights) return null;
  const total = own.map((reward, i) =>
    others.reduce((sum, values, j) => sum + weights[j] * values[i], reward),
  );
  const rule = ruleOf(log, known, total);
  const terms = columns
    .map(([column], j) => `${weights[j] < 0 ? '-' : '+'} ${Math.abs(weights[j])} ${column}`)
    .join(' ');
  return rule === null
    ? null
    : `the advantage is of a sum of rewards, ${log.rewardColumn} ${terms}: of that it is ${rule}; a table over c needs one reward of two values`;
}

/** Weights of the other rewards, that of the first being 1: the same in every group that tells them. */
function weightsOf(
  log: RolloutLog,
  known: readonly Known[],
  own: readonly number[],
  others: readonly (readonly number[])[],
): number[] | null {
  const members = log.groups.map((): number[] => []);
  known.forEach(({ group }, i) => members[group].push(i));
  const found = members.flatMap((indices) => {
    const slopes = regression(
      indices.map((i) => [own[i], ...others.map((values) => values[i])]),
      indices.map((i) => known[i].advantage),
    );
    return slopes && Math.abs(slopes[0]) > 1e-9 ? [slopes.slice(1).map((slope) => slope / slopes[0])] : [];
  });
  if (found.length < 2) return null;
  const medians = others.map((_, j) => {
    const sorted = found.map((ratios) => ratios[j]).sort((a, b) => a - b);
    return Number(sorted[Math.floor(sorted.length / 2)].toPrecision(3));
  });
  const close = found.filter((ratios) =>
    ratios.every((ratio, j) => Math.abs(ratio - medians[j]) < 0.01 + 0.01 * Math.abs(medians[j])),
  );
  return close.length >= 0.9 * found.length ? medians : null;
}

/** Slopes of y on the columns of x and a constant; null where they are not told apart. */
function regression(x: readonly (readonly number[])[], y: readonly number[]): number[] | null {
  const count = x.length;
  const width = x.at(0)?.length ?? 0;
  if (count < width + 1) return null;
  const means = Array.from({ length: width }, (_, j) => x.reduce((sum, row) => sum + row[j], 0) / count);
  const mean = y.reduce((sum, value) => sum + value, 0) / count;
  const matrix = means.map((own, j) => [
    ...means.map((other, l) => x.reduce((sum, row) => sum + (row[j] - own) * (row[l] - other), 0)),
    x.reduce((sum, row, i) => sum + (row[j] - own) * (y[i] - mean), 0),
  ]);
  for (let j = 0; j < width; j += 1) {
    const pivot = matrix[j][j];
    if (Math.abs(pivot) < 1e-9) return null;
    for (let i = 0; i < width; i += 1) {
      if (i === j) continue;
      const share = matrix[i][j] / pivot;
      for (let l = j; l <= width; l += 1) matrix[i][l] -= share * matrix[j][l];
    }
  }
  return matrix.map((row, j) => row[width] / row[j]);
}

/** The rule that gives every advantage of the sum, by name. */
function ruleOf(log: RolloutLog, known: readonly Known[], total: readonly number[]): string | null {
  const groupOf = known.map(({ group }) => group);
  const batchOf = known.map(({ batch }) => batch);
  const byGroup = spreadsOf(groupOf, total, log.groups.length);
  const byBatch = spreadsOf(batchOf, total, log.batches.length);
  const size = known.reduce((most, { advantage }) => Math.max(most, Math.abs(advantage)), 0);
  const wanted = known.map(({ advantage }, place): Wanted<number> => ({
    place,
    value: advantage,
    slack: 4 * slackOf(log, advantage, size),
  }));
  const centred = (i: number): number => {
    const less = total[i] - byGroup[groupOf[i]].mean;
    return Math.abs(less) < 1e-12 ? 0 : less;
  };
  const leftOut = (i: number): number => {
    const { count, mean } = byGroup[groupOf[i]];
    return ((total[i] - mean) * count) / (count - 1);
  };
  const rules: readonly (readonly [name: string, hasEps: boolean, term: (i: number) => Term])[] = [
    ['grpo:std=sample', true, (i) => ({ a: centred(i), s: byGroup[groupOf[i]].deviation(1) })],
    ['grpo', true, (i) => ({ a: centred(i), s: byGroup[groupOf[i]].deviation(0) })],
    ['dr-grpo', false, (i) => ({ a: centred(i), s: 1 })],
    ['rloo', false, (i) => ({ a: leftOut(i), s: 1 })],
    [
      'dr-grpo over the sample std of the batch',
      true,
      (i) => ({ a: centred(i), s: byBatch[batchOf[i]].deviation(1) }),
    ],
    [
      'dr-grpo over the population std of the batch',
      true,
      (i) => ({ a: centred(i), s: byBatch[batchOf[i]].deviation(0) }),
    ],
  ];
  for (const [name, hasEps, term] of rules) {
    const row: Row<number> = { hasEps, term, mayHaveOneScale: true };
    const found = fitRow(row, wanted, [1]);
    if (found && found.eps <= 0.01)
      return found.eps > 0
        ? `${name}, eps=${found.eps < 1e-3 ? found.eps.toExponential() : found.eps}`
        : name;
  }
  return null;
}
