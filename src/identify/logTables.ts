/**
 * A log's advantages as tables over c, one for each n: one value wherever n, c and the reward are the same. Where it is not, the log is
 * explained by a mistake that has a name, scaled batch by batch, averaged, or refused, with where and how much.
 */
import { InputError, shown } from '../input/inputError.ts';
import type { LogOptions } from './logColumns.ts';
import { knownOf, logMistake, slackOf, spreadsOf, type Known } from './logMistakes.ts';
import { sumOfRewards } from './rewardSums.ts';
import type { LogFacts, OwnEstimator, OwnWeight } from './ownEstimator.ts';
import { readLog, type RolloutGroup, type RolloutLog } from './rolloutLog.ts';
import type { Records } from '../input/records.ts';

interface Cell {
  readonly n: number;
  readonly c: number;
  readonly reward: 0 | 1;
  readonly values: number[];
  readonly indices: number[];
}

/** How a group's n and c are counted: its rows with an advantage, or all that there are. */
type Counting = (group: RolloutGroup) => { readonly n: number; readonly c: number };

const kept: Counting = ({ n, c }) => ({ n, c });
const all: Counting = ({ all: n, allCorrect: c }) => ({ n, c });

/** @throws InputError */
export function tablesOfLog(records: Records, options: LogOptions, name: string): OwnEstimator[] {
  const read = readLog(records, options, name);
  const notes = [...read.notes];
  const log = withoutResidue(read, notes);
  const known = knownOf(log);
  if (known.length === 0) throw new InputError(name, 'at least one advantage', 'none');
  const scaled = options.batch === null ? null : scaledByBatch(log, known, options.batch, name, notes);
  const values = scaled?.values ?? known.map(({ advantage }) => advantage);
  const lonely = log.groups.filter(({ n }) => n === 1).length;
  if (lonely > 0 && lonely < log.groups.length)
    notes.push(`${lonely} of ${log.groups.length} groups have one rollout`);
  const facts = {
    notes,
    rewards: log.rewards,
    hasFreeFactor: scaled !== null && scaled.words === null,
    factorWords: scaled?.words ?? null,
  };
  const cells = cellsOf(log, known, values, kept);
  const varying = worst(log, cells);
  const cause = logMistake(log);
  if (!varying || cause !== null) {
    const own = { ...facts, cause, ...(varying ? averaged(log, known) : { isVarying: false }) };
    return tablesOf(log, cells, own, { name, isAverage: cause !== null });
  }
  // Rejected rows that were counted all the same.
  const whole = log.groups.some((group) => group.all !== group.n) ? cellsOf(log, known, values, all) : null;
  if (whole && worst(log, whole) === null) {
    const own = { ...facts, cause: WHOLE_GROUPS, isCauseCertain: true as const, isVarying: false };
    return tablesOf(log, whole, own, { name, isAverage: false });
  }
  if (!options.average) throw refusal(log, known, cells, varying, name);
  notes.push(
    `values vary within a cell by up to ${text(varying.high - varying.low)} (n = ${varying.cell.n}, c = ${varying.cell.c}, ` +
      `${varying.cell.reward === 1 ? 'correct' : 'wrong'}): their means are taken, known to three standard errors`,
  );
  return tablesOf(log, cells, { ...facts, cause, ...averaged(log, known) }, { name, isAverage: true });
}

/** Means of what varies say nothing of single groups: those are looked at themselves. */
function averaged(log: RolloutLog, known: readonly Known[]): Pick<LogFacts, 'isVarying' | 'centredGroups'> {
  const sums = spreadsOf(
    known.map(({ group }) => group),
    known.map(({ advantage }) => advantage),
    log.groups.length,
  );
  const size = known.reduce((most, { advantage }) => Math.max(most, Math.abs(advantage)), 0);
  return {
    isVarying: true,
    centredGroups: sums.every(({ count, sum }) => Math.abs(sum) <= 4 * count * slackOf(log, size, size)),
  };
}

const WHOLE_GROUPS =
  'dropped rows left in the baseline: with the rows that have no advantage counted in n and c, every cell has one value';

/** A table for each n, that of the most rollouts first. */
function tablesOf(
  log: RolloutLog,
  cells: readonly Cell[],
  facts: LogFacts,
  { name, isAverage }: { readonly name: string; readonly isAverage: boolean },
): OwnEstimator[] {
  const rollouts = new Map<number, number>();
  for (const { n, values } of cells) rollouts.set(n, (rollouts.get(n) ?? 0) + values.length);
  const sizes = [...rollouts].sort(([n, count], [other, otherCount]) => otherCount - count || n - other);
  return sizes.map(([n]): OwnEstimator => {
    const weights = (reward: 0 | 1): (OwnWeight | null)[] =>
      Array.from({ length: n + 1 }, (_, c) => {
        const cell = cells.find((own) => own.n === n && own.c === c && own.reward === reward);
        return cell ? weightOf(log, cell, isAverage) : null;
      });
    return {
      name,
      n,
      k: null,
      convention: log.isCounted ? 'open' : 'sum',
      correct: weights(1),
      wrong: weights(0),
      log: facts,
    };
  });
}

/** What float32 leaves of groups without a spread, where rewards are no binary fractions: 0, more or less. */
function withoutResidue(log: RolloutLog, notes: string[]): RolloutLog {
  const { groups, rewards, rollouts } = log;
  const isExact = [rewards.wrong, rewards.correct].every((reward) => Number.isInteger(reward * 256));
  if (isExact) return log;
  const size = rollouts.reduce((most, { advantage }) => Math.max(most, Math.abs(advantage ?? 0)), 0);
  let count = 0;
  const cleaned = rollouts.map((rollout) => {
    const { n, c } = groups[rollout.group];
    const { advantage } = rollout;
    const isResidue =
      (c === 0 || c === n) &&
      advantage !== null &&
      advantage !== 0 &&
      Math.abs(advantage) <= MOST_RESIDUE * size;
    if (!isResidue) return rollout;
    count += 1;
    return { ...rollout, advantage: 0 };
  });
  if (count > 0)
    notes.push(`${count} advantages of groups without a spread are taken for what rounding left of 0`);
  return { ...log, rollouts: cleaned };
}

const MOST_RESIDUE = 0.05;

function weightOf(log: RolloutLog, { values }: Cell, isAverage: boolean): OwnWeight {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const rounding = log.precision.rounding(mean);
  if (!isAverage || values.length === 1) return { value: mean, rounding };
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { value: mean, rounding: rounding + 3 * Math.sqrt(square / values.length / (values.length - 1)) };
}

function cellsOf(
  log: RolloutLog,
  known: readonly Known[],
  values: readonly number[],
  counting: Counting = kept,
): Cell[] {
  const cells = new Map<string, Cell>();
  known.forEach(({ group, reward }, i) => {
    const { n, c } = counting(log.groups[group]);
    const key = `${n} ${c} ${reward}`;
    const cell = cells.get(key) ?? { n, c, reward, values: [], indices: [] };
    cell.values.push(values[i]);
    cell.indices.push(i);
    cells.set(key, cell);
  });
  return [...cells.values()];
}

interface Varying {
  readonly cell: Cell;
  readonly low: number;
  readonly high: number;
}

/** The cell whose values differ most, or null where none do beyond their rounding. */
function worst({ precision }: RolloutLog, cells: readonly Cell[]): Varying | null {
  let most: Varying | null = null;
  for (const cell of cells) {
    const [low, high] = cell.values.reduce(
      ([least, largest], value) => [Math.min(least, value), Math.max(largest, value)],
      [Infinity, -Infinity],
    );
    const allowed = precision.noise(Math.max(Math.abs(low), Math.abs(high)));
    if (high - low > allowed && (!most || high - low > most.high - most.low)) most = { cell, low, high };
  }
  return most;
}

const text = (value: number): string => String(Number(value.toPrecision(4)));

function refusal(
  log: RolloutLog,
  known: readonly Known[],
  cells: readonly Cell[],
  { cell, low, high }: Varying,
  name: string,
): InputError {
  const at = cell.indices[cell.values.indexOf(low)];
  const other = cell.indices[cell.values.indexOf(high)];
  return new InputError(
    known[at].where,
    `one advantage for all rollouts with n = ${cell.n}, c = ${cell.c}, reward = ${cell.reward === 1 ? log.rewards.correct : log.rewards.wrong}`,
    `${text(low)} to ${text(high)} (${known[other].where.replace(`${name}: `, '')})`,
    reasonOf(log, known, cells) ??
      'an advantage that depends on more than n, c and the reward is not a table over c: say --group for the right groups, or --average for the mean',
  );
}

/** What else the values depend on, where that can be seen. */
function reasonOf(log: RolloutLog, known: readonly Known[], cells: readonly Cell[]): string | null {
  if (log.isCounted && log.groups.every(({ n }) => n < 2))
    return 'every row is a group of its own: say which column the rollouts of a prompt share, --group column';
  const doubled = doubledGroups(log);
  if (doubled !== null) return doubled;
  const isEven = (values: readonly number[]): boolean => worst(log, cellsOf(log, known, values)) === null;
  const indexOf = new Map(log.rollouts.map((rollout, i) => [rollout, i]));
  const { lengths, lengthColumn } = log;
  const own = known.map((rollout) => lengths?.[indexOf.get(rollout) ?? 0] ?? NaN);
  if (lengthColumn !== null && own.every((length) => length > 0)) {
    const size = own.reduce((sum, length) => sum + length, 0) / own.length;
    if (isEven(known.map(({ advantage }, i) => (advantage * own[i]) / size)))
      return `advantage times ${lengthColumn} is one value: these are divided by the length, weights of tokens and not of responses; log the advantage before that`;
    if (isEven(known.map(({ advantage }, i) => (advantage / own[i]) * size)))
      return `advantage over ${lengthColumn} is one value: these are sums over tokens; log the advantage of one token`;
  }
  for (const [column, rewards] of log.otherRewards) {
    const distinct = new Set(rewards);
    if (distinct.size === 2 && !distinct.has(null) && isExplained(log, known, rewards, indexOf))
      return `with ${shown(column)} as the reward every cell has one value: say --columns reward=${column}`;
  }
  const sum = sumOfRewards(log, known, indexOf);
  if (sum !== null) return sum;
  const zeros = cells.filter(({ values }) => values.includes(0) && values.some((value) => value !== 0));
  const withoutZeros = cells.map((cell) => ({ ...cell, values: cell.values.filter((value) => value !== 0) }));
  if (
    zeros.length > 0 &&
    worst(
      log,
      withoutZeros.filter(({ values }) => values.length > 0),
    ) === null
  )
    return 'apart from zeros every cell has one value: rows that are masked or rejected have 0; take them out, or leave their advantage empty';
  if (log.batchColumn !== null && log.batches.length > 1) {
    const fitted = factorsOf(log, known);
    if (isEven(known.map(({ advantage, batch }) => advantage / fitted[batch])))
      return `each ${log.batchColumn} has the same table times a factor of its own: say --batch ${log.batchColumn}`;
  }
  return null;
}

/** A few groups of twice the usual size, or more: a prompt twice in a step. */
function doubledGroups({ groups }: RolloutLog): string | null {
  const counts = new Map<number, number>();
  for (const { all: size } of groups) counts.set(size, (counts.get(size) ?? 0) + 1);
  const [[usual]] = [...counts].sort((x, y) => y[1] - x[1]);
  const large = groups.filter(({ all: size }) => size > usual && size % usual === 0);
  if (large.length === 0 || large.length > groups.length / 4) return null;
  return `${large.length} of ${groups.length} groups have ${large[0].all} rows where the others have ${usual}: one prompt twice, perhaps; say --group with what tells them apart, or --group rows:${usual}`;
}

function isExplained(
  log: RolloutLog,
  known: readonly Known[],
  rewards: readonly (number | null)[],
  indexOf: ReadonlyMap<unknown, number>,
): boolean {
  const high = Math.max(...rewards.map((value) => value ?? -Infinity));
  const right = known.map((rollout) => Number(rewards[indexOf.get(rollout) ?? 0] === high));
  const counts = spreadsOf(
    known.map(({ group }) => group),
    right,
    log.groups.length,
  );
  const cells = new Map<string, Cell>();
  known.forEach(({ group, advantage }, i) => {
    const { count: n, sum: c } = counts[group];
    const key = `${n} ${c} ${right[i]}`;
    const cell = cells.get(key) ?? { n, c, reward: right[i] === 1 ? 1 : 0, values: [], indices: [] };
    cell.values.push(advantage);
    cells.set(key, cell);
  });
  return worst(log, [...cells.values()]) === null;
}

const ROUNDS = 200;

/** A factor for each batch, by alternating least squares of factor times cell; their geometric mean is 1. */
function factorsOf(log: RolloutLog, known: readonly Known[]): number[] {
  const cells = cellsOf(
    log,
    known,
    known.map(({ advantage }) => advantage),
  );
  const cellOf = new Array<number>(known.length).fill(0);
  cells.forEach(({ indices }, number) => {
    for (const i of indices) cellOf[i] = number;
  });
  let factors = new Array<number>(log.batches.length).fill(1);
  for (let round = 0; round < ROUNDS; round += 1) {
    const ratio = (
      of: (i: number) => number,
      by: readonly number[],
      count: number,
      key: (i: number) => number,
    ): number[] => {
      const [product, square] = [new Array<number>(count).fill(0), new Array<number>(count).fill(0)];
      known.forEach(({ advantage }, i) => {
        product[key(i)] += advantage * of(i);
        square[key(i)] += of(i) ** 2;
      });
      return by.map((value, j) => (square[j] > 0 ? product[j] / square[j] : value));
    };
    const weights = ratio(
      (i) => factors[known[i].batch],
      cells.map(() => 0),
      cells.length,
      (i) => cellOf[i],
    );
    const next = ratio(
      (i) => weights[cellOf[i]],
      factors,
      factors.length,
      (i) => known[i].batch,
    );
    const moved = Math.max(...next.map((factor, b) => Math.abs(factor / factors[b] - 1)));
    factors = next;
    if (moved < 1e-13) break;
  }
  const logs = factors.filter((factor) => factor > 0).map(Math.log);
  const scale = Math.exp(logs.reduce((sum, value) => sum + value, 0) / Math.max(1, logs.length));
  return factors.map((factor) => (factor > 0 ? factor / scale : 1));
}

/** Advantages over the factor of their batch; what the factor is, where it has a name. @throws InputError */
function scaledByBatch(
  log: RolloutLog,
  known: readonly Known[],
  column: string,
  name: string,
  notes: string[],
): { readonly values: readonly number[]; readonly words: string | null } {
  const factors = factorsOf(log, known);
  const values = known.map(({ advantage, batch }) => advantage / factors[batch]);
  const cells = cellsOf(log, known, values);
  const varying = worst(log, cells);
  if (varying) {
    const at = varying.cell.indices[varying.cell.values.indexOf(varying.high)];
    throw new InputError(
      known[at].where,
      `one table over c times a factor for each ${column}`,
      `${text(varying.low)} to ${text(varying.high)} with n = ${varying.cell.n}, c = ${varying.cell.c} after the factors are taken out`,
      `say --average, or look whether ${name} holds what one step saw`,
    );
  }
  const meaning = meaningOf(log, known, factors);
  const shownFactors = meaning ? meaning.sizes.map((size) => 1 / size) : factors;
  const [least, most] = [Math.min(...shownFactors), Math.max(...shownFactors)];
  notes.push(
    `a factor for each of ${log.batches.length} values of ${column}, ${text(least)} to ${text(most)}, is taken out` +
      (meaning === null ? ' (their mean is set to 1)' : `: ${meaning.words}`),
  );
  return meaning
    ? { values: known.map(({ advantage, batch }) => advantage * meaning.sizes[batch]), words: meaning.words }
    : { values, words: null };
}

/** What the factors of batches are one over. */
function meaningOf(
  log: RolloutLog,
  known: readonly Known[],
  factors: readonly number[],
): { readonly words: string; readonly sizes: readonly number[] } | null {
  const raw = known.map(({ reward }) => (reward === 1 ? log.rewards.correct : log.rewards.wrong));
  const batchOf = known.map(({ batch }) => batch);
  const byBatch = spreadsOf(batchOf, raw, log.batches.length);
  const choices = [
    {
      words: "1 over the sample standard deviation of the batch's rewards",
      sizes: byBatch.map((own) => own.deviation(1)),
    },
    {
      words: "1 over the population standard deviation of the batch's rewards",
      sizes: byBatch.map((own) => own.deviation(0)),
    },
    { words: "1 over the mean of the batch's rewards", sizes: byBatch.map((own) => own.mean) },
    { words: '1 over the number of rollouts in the batch', sizes: byBatch.map((own) => own.count) },
  ];
  const size = known.reduce((most, { advantage }) => Math.max(most, Math.abs(advantage)), 0);
  const allowed = Math.max(1e-5, (4 * slackOf(log, size, size)) / size);
  if (Math.max(...factors) / Math.min(...factors) - 1 < allowed) return null;
  return (
    choices.find(({ sizes }) => {
      const products = factors.map((factor, b) => factor * sizes[b]);
      return Math.min(...products) > 0 && Math.max(...products) / Math.min(...products) - 1 < allowed;
    }) ?? null
  );
}
