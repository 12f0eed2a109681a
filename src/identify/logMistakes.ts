/**
 * Mistakes that only a log shows, for they depend on more than a group's own n and c: on the batch, on rows that were dropped, on
 * which of the right answers came first. Each is a formula for every rollout's advantage, and must give them all.
 */
import { fitRow, type Row, type Term, type Wanted } from './fits.ts';
import { typicalSize } from './precision.ts';
import type { Rollout, RolloutGroup, RolloutLog } from './rolloutLog.ts';

const USUAL_EPS = [0, 1e-9, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3];

const MOST_EPS = 0.01;

interface Formula {
  readonly name: string;
  readonly term: (index: number) => Term;
  readonly hasEps: boolean;
}

/** Sums by batch or group: of values, and of their squares. */
class Spread {
  count = 0;
  sum = 0;
  square = 0;
  add(value: number): void {
    this.count += 1;
    this.sum += value;
    this.square += value * value;
  }
  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }
  deviation(ddof: 0 | 1): number {
    if (this.count <= ddof) return 0;
    return Math.sqrt(Math.max(0, this.square - this.sum * this.mean) / (this.count - ddof));
  }
}

export function spreadsOf(keys: readonly number[], values: readonly number[], count: number): Spread[] {
  const spreads = Array.from({ length: count }, () => new Spread());
  keys.forEach((key, i) => spreads[key].add(values[i]));
  return spreads;
}

/** Rollouts that have an advantage. */
export type Known = Rollout & { readonly advantage: number };
export const knownOf = ({ rollouts }: RolloutLog): Known[] =>
  rollouts.filter((rollout): rollout is Known => rollout.advantage !== null);

/** How far a computed advantage may be from the logged one. */
export function slackOf({ precision }: RolloutLog, value: number, size: number): number {
  return 2 * precision.rounding(value) + 2 ** -23 * (Math.abs(value) + size);
}

/** The mistake that gives every advantage of the log, or null. */
export function logMistake(log: RolloutLog): string | null {
  const known = knownOf(log);
  if (known.length < 4) return null;
  const size = typicalSize(known.map(({ advantage }) => advantage));
  if (size === 0) return null;
  const wanted = known.map(({ advantage }, place): Wanted<number> => ({
    place,
    value: advantage,
    slack: slackOf(log, advantage, size),
  }));
  for (const { name, term, hasEps } of formulas(log, known)) {
    const row: Row<number> = { hasEps, term, mayHaveOneScale: true };
    const found = fitRow(row, wanted, [1]);
    // With a large ε one batch may have any factor.
    if (found && found.eps <= MOST_EPS)
      return found.eps > 0
        ? `${name}, eps=${found.eps < 1e-3 ? found.eps.toExponential() : found.eps}`
        : name;
  }
  return droppedUnseen(log, known, size) ?? bestOverwritten(log, known, size);
}

function formulas(log: RolloutLog, known: readonly Known[]): Formula[] {
  const { groups, batches, rewards } = log;
  const raw = known.map(({ reward }) => (reward === 1 ? rewards.correct : rewards.wrong));
  const groupOf = known.map(({ group }) => group);
  const batchOf = known.map(({ batch }) => batch);
  const byGroup = spreadsOf(groupOf, raw, groups.length);
  const byBatch = spreadsOf(batchOf, raw, batches.length);
  const centred = raw.map((value, i) => value - byGroup[groupOf[i]].mean);
  const leftOut = raw.map((value, i) => {
    const { count, sum } = byGroup[groupOf[i]];
    return count < 2 ? value : value - (sum - value) / (count - 1);
  });
  const all: Formula[] = [];
  const push = (name: string, term: (index: number) => Term, hasEps = true): void => {
    all.push({ name, term, hasEps });
  };
  const ofBatch = log.batchColumn === null ? 'the whole log' : `each ${log.batchColumn}`;
  // A batch of one group is that group.
  const groupsOfBatch = new Array<number>(batches.length).fill(0);
  for (const { batch } of groups) groupsOfBatch[batch] += 1;
  if (groupsOfBatch.some((count) => count > 1)) {
    for (const [std, ddof] of [
      ['sample', 1],
      ['population', 0],
    ] as const) {
      for (const [words, x] of [
        ["rewards less their group's mean", centred],
        ['rewards less the mean of the others', leftOut],
      ] as const) {
        const spread = spreadsOf(batchOf, x, batches.length);
        push(
          `std over the batch: ${words}, over the ${std} standard deviation of the rewards of ${ofBatch}`,
          (i) => ({
            a: x[i],
            s: byBatch[batchOf[i]].deviation(ddof),
          }),
        );
        push(
          `std over the batch: ${words}, over the ${std} standard deviation of these over ${ofBatch}`,
          (i) => ({
            a: x[i],
            s: spread[batchOf[i]].deviation(ddof),
          }),
        );
      }
      push(
        `whitening over the batch: rewards less the mean of ${ofBatch}, over its ${std} standard deviation; groups play no part`,
        (i) => ({ a: raw[i] - byBatch[batchOf[i]].mean, s: byBatch[batchOf[i]].deviation(ddof) }),
      );
      push(
        `whitening that adds the mean back: rewards less the mean of ${ofBatch}, over its ${std} standard deviation, plus that mean`,
        (i) => ({
          a: raw[i] - byBatch[batchOf[i]].mean,
          s: byBatch[batchOf[i]].deviation(ddof),
          offset: byBatch[batchOf[i]].mean,
        }),
      );
      for (const groupDdof of [1, 0] as const) {
        for (const eps of USUAL_EPS) {
          const x = centred.map((value, i) =>
            value === 0 ? 0 : value / (byGroup[groupOf[i]].deviation(groupDdof) + eps),
          );
          const spread = spreadsOf(batchOf, x, batches.length);
          push(
            `double normalisation: over the standard deviation of the group, then over the ${std} one of ${ofBatch}`,
            (i) => ({ a: x[i] - spread[batchOf[i]].mean, s: spread[batchOf[i]].deviation(ddof) }),
          );
        }
      }
    }
    push(
      `the baseline is the mean of ${ofBatch}, not of the group`,
      (i) => ({ a: raw[i] - byBatch[batchOf[i]].mean, s: 1 }),
      false,
    );
  }
  if (groups.some(({ n, all: whole }) => whole !== n)) all.push(...droppedSeen(log, known, raw));
  return all;
}

/** Rows without an advantage that were still counted. */
function droppedSeen(log: RolloutLog, known: readonly Known[], raw: readonly number[]): Formula[] {
  const { groups, rewards, rollouts } = log;
  const whole = spreadsOf(
    rollouts.map(({ group }) => group),
    rollouts.map(({ reward }) => (reward === 1 ? rewards.correct : rewards.wrong)),
    groups.length,
  );
  const name = 'dropped rows left in the baseline: rows without an advantage are in the mean';
  const less = (i: number): number => raw[i] - whole[known[i].group].mean;
  return [
    { name, hasEps: false, term: (i) => ({ a: less(i), s: 1 }) },
    ...([1, 0] as const).map((ddof): Formula => ({
      name: `${name} and the ${ddof === 1 ? 'sample' : 'population'} standard deviation`,
      hasEps: true,
      term: (i) => {
        const a = less(i);
        return { a: Math.abs(a) < 1e-12 ? 0 : a, s: whole[known[i].group].deviation(ddof) };
      },
    })),
  ];
}

interface Pair {
  readonly group: RolloutGroup;
  /** the advantage of its right and of its wrong answers */
  readonly right: number;
  readonly wrong: number;
}

/** Groups with both outcomes, where each outcome has one value. */
function mixedGroups(log: RolloutLog, known: readonly Known[], size: number): Pair[] | null {
  const values = log.groups.map(() => ({ right: new Spread(), wrong: new Spread() }));
  for (const { group, reward, advantage } of known)
    values[group][reward === 1 ? 'right' : 'wrong'].add(advantage);
  const pairs: Pair[] = [];
  for (const [i, { right, wrong }] of values.entries()) {
    for (const own of [right, wrong]) {
      if (own.count > 1 && own.deviation(0) > slackOf(log, own.mean, size)) return null;
    }
    if (right.count > 0 && wrong.count > 0)
      pairs.push({ group: log.groups[i], right: right.mean, wrong: wrong.mean });
  }
  return pairs;
}

const MOST_DROPPED = 16;
const LEAST_GROUPS = 3;
const LEAST_BASELINES = 3;

/** A baseline −A0/(A1 − A0) that is C/N with more rows than the log has. */
function droppedUnseen(log: RolloutLog, known: readonly Known[], size: number): string | null {
  const pairs = mixedGroups(log, known, size);
  if (!pairs || pairs.length < LEAST_GROUPS) return null;
  const baselines = new Set(pairs.map(({ right, wrong }) => (-wrong / (right - wrong)).toFixed(4)));
  if (baselines.size < LEAST_BASELINES) return null;
  // Their own rows explain them: nothing is missing.
  const isWhole = pairs.every(({ group: { n, c }, right, wrong }) => {
    const step = right - wrong;
    return Math.abs(-wrong / step - c / n) <= (2 * slackOf(log, size, size)) / Math.abs(step);
  });
  if (isWhole) return null;
  const largest = log.groups.reduce((most, { n }) => Math.max(most, n), 0);
  for (let whole = largest; whole <= largest + MOST_DROPPED; whole += 1) {
    const short = pairs.filter(({ group }) => group.n < whole).length;
    const fits = pairs.every(({ group: { n, c }, right, wrong }) => {
      const step = right - wrong;
      if (!(step > 0)) return false;
      const count = (-wrong / step) * whole;
      const allowed = (2 * whole * slackOf(log, size, size)) / step;
      const nearest = Math.round(count);
      return (
        allowed < 0.1 && Math.abs(count - nearest) <= allowed && nearest >= c && nearest <= c + whole - n
      );
    });
    if (fits && short > 0) {
      return `dropped rows left in the baseline: it is a mean over ${whole}, and ${short} of ${pairs.length} groups have fewer rows`;
    }
  }
  return null;
}

/** With several right answers one of them, and only one, has another value: of every such group with that c, or of none. */
function bestOverwritten(log: RolloutLog, known: readonly Known[], size: number): string | null {
  const values = log.groups.map((): number[] => []);
  for (const { group, reward, advantage } of known) if (reward === 1) values[group].push(advantage);
  const byCount = new Map<string, boolean[]>();
  for (const [i, own] of values.entries()) {
    if (own.length < 2) continue;
    const sorted = [...own].sort((a, b) => a - b);
    const middle = sorted[Math.floor(sorted.length / 2)];
    const off = own.filter((value) => Math.abs(value - middle) > slackOf(log, middle, size));
    if (off.length > 1) return null;
    const key = `${log.groups[i].n} ${log.groups[i].c}`;
    byCount.set(key, [...(byCount.get(key) ?? []), off.length === 1]);
  }
  // Where the new value is the old one by chance, no group of that c differs.
  const shares = [...byCount.values()].map((own) => own.filter(Boolean).length / own.length);
  const different = shares.filter((share) => share > 0.9).length;
  const isEven = shares.every((share) => share > 0.9 || share < 0.1);
  return isEven && different >= LEAST_COUNTS && different >= shares.length / 2
    ? 'best-sample overwrite: of several right answers of a group one has a value of its own, which n, c and the reward do not give'
    : null;
}

const LEAST_COUNTS = 2;
