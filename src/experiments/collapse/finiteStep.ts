/**
 * Theorem 3.2 (2) at the learning rate itself: the mean of π(M1) after one step, over all batches without a sample of M2, as an
 * exact sum over what such a batch can hold. Nothing is drawn, so nothing stays open that arithmetic knows.
 *
 * A step adds Σ_i w_i (onehot(token) − π) to each row's logits, so the new row is π_v exp(Σ_i w_i [v] − π_v S), S = Σ_i w_i.
 */
import { binomialLogProbabilities } from '../../math/binomial.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import type { CasePolicy } from './batches.ts';

/** Batches of several tokens are listed one by one while there are no more than this. */
const MOST_LISTED = 2e5;

/**
 * E[π(M1) after a step] − π(M1), given no sample of M2.
 *
 * @returns null where the batches are too many and no shorter sum is known: several tokens, weights that differ by outcome
 */
export function exactMeanChange(rule: WeightTable, policy: CasePolicy, learningRate: number): number | null {
  const { rows } = policy;
  if (rows.length === 1) return oneToken(rule, policy, learningRate);
  const listed = listBatches(rule, policy, learningRate);
  if (listed !== null) return listed;
  return isConstant(rule) ? byRows(rule.wrong[0], rule.n, policy, learningRate) : null;
}

const massOf = (policy: CasePolicy, sequence: readonly number[]): number =>
  sequence.reduce((product, token, t) => product * policy.rows[t][token], 1);

/** What a set of arms adds up to, and the weight Π p^N / N! of each way to share some samples out over it. */
interface Shared {
  readonly weight: number;
  readonly sum: number;
}

/** Ways to share 0 .. most samples out over arms: [samples][ways]. Arms that are equally likely are exchanged for free. */
function shareOut(
  arms: readonly number[],
  most: number,
  value: (prob: number, count: number) => number,
): Shared[][] {
  let total: Shared[][] = Array.from({ length: most + 1 }, (_, m) =>
    m === 0 ? [{ weight: 1, sum: 0 }] : [],
  );
  for (const prob of new Set(arms)) {
    const size = arms.filter((arm) => arm === prob).length;
    const group: Shared[][] = Array.from({ length: most + 1 }, () => []);
    // Partitions: counts that do not rise, with the number of ways to hand them to the arms.
    const extend = (counts: readonly number[], used: number, limit: number): void => {
      group[used].push(partOf(counts, size, prob, value));
      if (counts.length === size) return;
      for (let next = Math.min(limit, most - used); next >= 1; next -= 1)
        extend([...counts, next], used + next, next);
    };
    extend([], 0, most);
    const joined: Shared[][] = Array.from({ length: most + 1 }, () => []);
    total.forEach((before, m) =>
      group.forEach((own, k) => {
        if (m + k > most) return;
        for (const a of before)
          for (const b of own) joined[m + k].push({ weight: a.weight * b.weight, sum: a.sum + b.sum });
      }),
    );
    total = joined;
  }
  return total;
}

function partOf(
  counts: readonly number[],
  size: number,
  prob: number,
  value: (prob: number, count: number) => number,
): Shared {
  let weight = 1;
  let sum = (size - counts.length) * value(prob, 0);
  let alike = 0;
  counts.forEach((count, i) => {
    for (let j = 1; j <= count; j += 1) weight *= prob / j;
    alike = i > 0 && counts[i - 1] === count ? alike + 1 : 1;
    // size! / (multiplicities! (size − parts)!), one part at a time.
    weight *= (size - i) / alike;
    sum += value(prob, count);
  });
  return { weight, sum };
}

/** One token: given c, what M1 comes to and what the wrong arms come to are independent. */
function oneToken(
  rule: WeightTable,
  { rows: [row], mode, rareMode }: CasePolicy,
  learningRate: number,
): number {
  const { n } = rule;
  const modeArms = new Set(mode.map(([arm]) => arm));
  const rareArms = new Set(rareMode.map(([arm]) => arm));
  const arms = (isOwn: (arm: number) => boolean): number[] =>
    row.filter((prob, arm) => prob > 0 && isOwn(arm));
  const correct = arms((arm) => modeArms.has(arm));
  const wrong = arms((arm) => !modeArms.has(arm) && !rareArms.has(arm));
  const rare = arms((arm) => rareArms.has(arm));
  const before = correct.reduce((sum, prob) => sum + prob, 0);
  let total = 0;
  let chance = 0;
  for (let c = 0; c <= n; c += 1) {
    if (c < n && wrong.length === 0) continue;
    const [w1, w0] = [learningRate * rule.correct[c], learningRate * rule.wrong[c]];
    const sum = c * w1 + (n - c) * w0;
    const after = (weight: number) => (prob: number, count: number) =>
      prob * Math.exp(weight * count - prob * sum);
    const rest = rare.reduce((mass, prob) => mass + after(0)(prob, 0), 0);
    const [ofMode, ofWrong] = [shareOut(correct, c, after(w1))[c], shareOut(wrong, n - c, after(w0))[n - c]];
    for (const a of ofMode) {
      for (const b of ofWrong) {
        const weight = a.weight * b.weight;
        chance += weight;
        total += weight * (a.sum / (a.sum + b.sum + rest));
      }
    }
  }
  return total / chance - before;
}

/** Every multiset of trajectories outside M2; null where there are too many. */
function listBatches(rule: WeightTable, policy: CasePolicy, learningRate: number): number | null {
  const { rows, mode, rareMode } = policy;
  const { n } = rule;
  const vocab = rows[0].length;
  const keys = new Set(mode.map(String));
  const rare = new Set(rareMode.map(String));
  const possible = Array.from({ length: vocab ** rows.length }, (_, code) =>
    rows.map((_row, t) => Math.floor(code / vocab ** t) % vocab),
  )
    .filter((sequence) => !rare.has(String(sequence)) && massOf(policy, sequence) > 0)
    .map((sequence) => ({ sequence, prob: massOf(policy, sequence), isMode: keys.has(String(sequence)) }));
  let batches = 1;
  for (let i = 1; i < possible.length; i += 1) batches = (batches * (n + i)) / i;
  if (batches > MOST_LISTED) return null;
  const before = mode.reduce((sum, sequence) => sum + massOf(policy, sequence), 0);
  let total = 0;
  let chance = 0;
  const counts = new Array<number>(possible.length).fill(0);
  const visit = (at: number, left: number, weight: number, c: number): void => {
    if (at === possible.length - 1) {
      const { prob, isMode } = possible[at];
      counts[at] = left;
      let last = weight;
      for (let i = 1; i <= left; i += 1) last *= prob / i;
      const successes = c + (isMode ? left : 0);
      chance += last;
      total += last * massAfter(successes);
      return;
    }
    const { prob, isMode } = possible[at];
    let own = weight;
    for (let count = 0; count <= left; count += 1) {
      if (count > 0) own *= prob / count;
      counts[at] = count;
      visit(at + 1, left - count, own, c + (isMode ? count : 0));
    }
  };
  const massAfter = (c: number): number => {
    const added = rows.map(() => new Array<number>(vocab).fill(0));
    let sum = 0;
    possible.forEach(({ sequence, isMode }, i) => {
      const weight = learningRate * counts[i] * (isMode ? rule.correct[c] : rule.wrong[c]);
      sum += weight;
      sequence.forEach((token, t) => (added[t][token] += weight));
    });
    const after = rows.map((row, t) => {
      const masses = row.map((prob, v) => prob * Math.exp(added[t][v] - prob * sum));
      const whole = masses.reduce((a, b) => a + b, 0);
      return masses.map((mass) => mass / whole);
    });
    return mode.reduce(
      (mass, sequence) => mass + sequence.reduce((prob, token, t) => prob * after[t][token], 1),
      0,
    );
  };
  visit(0, n, 1, 0);
  return total / chance - before;
}

/** Whether every sample of every group has one weight. */
const isConstant = ({ n, correct, wrong }: WeightTable): boolean =>
  wrong.every((weight, c) => c === n || weight === wrong[0]) &&
  correct.every((weight, c) => c === 0 || weight === wrong[0]);

/**
 * One weight for all and two rows: the step sees the rows' token counts alone. Without M2, one trajectory (a, b),
 *
 *   (P Q − p_a q_b x_a y_b)^n = Σ_j C(n, j) (−p_a q_b x_a y_b)^j (P Q)^(n−j)
 *
 * P and Q being the rows' generating functions: each term is a product of two sums over the counts of one row.
 */
function byRows(weight: number, n: number, policy: CasePolicy, learningRate: number): number | null {
  const { rows, mode, rareMode } = policy;
  if (rows.length !== 2 || rareMode.length !== 1) return null;
  const [rare] = rareMode;
  const rareProb = massOf(policy, rare);
  const sum = learningRate * n * weight;
  /** E[new probability of each token] where `extra` samples have the rare token and the others are drawn. */
  const meanRow = (t: number, extra: number): number[] => {
    const row = rows[t];
    const means = new Array<number>(row.length).fill(0);
    const counts = new Array<number>(row.length).fill(0);
    const visit = (at: number, left: number, chance: number): void => {
      if (at === row.length) {
        if (left > 0) return;
        const masses = row.map((prob, v) => {
          const count = counts[v] + (v === rare[t] ? extra : 0);
          return prob * Math.exp(learningRate * weight * count - prob * sum);
        });
        const whole = masses.reduce((a, b) => a + b, 0);
        masses.forEach((mass, v) => (means[v] += chance * (mass / whole)));
        return;
      }
      let own = chance;
      for (let count = 0; count <= left; count += 1) {
        // left! of the multinomial is taken as its factors are used up.
        if (count > 0) own *= (row[at] * (left - count + 1)) / count;
        counts[at] = count;
        if (own > 0) visit(at + 1, left - count, own);
      }
    };
    visit(0, n - extra, 1);
    return means;
  };
  // Of the listed count vectors each has weight (n − extra)! Π p^N / N!.
  let total = 0;
  let sign = 1;
  const logs = binomialLogProbabilities(n, 0.5, 0.5);
  for (let extra = 0; extra <= n; extra += 1) {
    const choose = Math.exp(logs[extra] + n * Math.LN2);
    const term = sign * choose * rareProb ** extra;
    if (extra > 0 && Math.abs(term) < 1e-30) break;
    const [first, second] = [meanRow(0, extra), meanRow(1, extra)];
    total += term * mode.reduce((mass, [a, b]) => mass + first[a] * second[b], 0);
    sign = -sign;
  }
  const before = mode.reduce((mass, sequence) => mass + massOf(policy, sequence), 0);
  return total / (1 - rareProb) ** n - before;
}
