/** Which weight tables a training experiment uses: every estimator asked for, at one k of those asked for. */
import { findEstimator } from '../estimators/estimatorSpec.ts';
import { weightTable, type NotDefined, type WeightTable } from '../estimators/weightTables.ts';
import type { Config } from './settings.ts';

export interface TrainedTables {
  readonly tables: readonly WeightTable[];
  readonly notDefined: readonly NotDefined[];
}

/** Of some ks the nearest by ratio to a quarter of n, the larger of two; null where there is none. */
function nearestK(ks: readonly number[], n: number): number | null {
  const distance = (k: number): number => Math.abs(Math.log((4 * k) / n));
  return [...ks]
    .sort((a, b) => b - a)
    .reduce<number | null>(
      (best, k) => (best === null || distance(k) < distance(best) - 1e-12 ? k : best),
      null,
    );
}

/** k of pass@k where a training experiment reports one. */
export function trainingK({ ks, groupSize }: Config): number {
  return (
    nearestK(
      ks.filter((k) => k <= groupSize),
      groupSize,
    ) ?? 1
  );
}

/**
 * Each estimator at n and, where it has one, at the k nearest to a quarter of n at which it is defined; own tables of this n.
 *
 * @param ks to choose from
 */
export function tablesAt(
  ids: readonly string[],
  n: number,
  ks: readonly number[],
  own: readonly WeightTable[] = [],
): TrainedTables {
  const tables: WeightTable[] = own.filter((table) => table.n === n);
  const notDefined: NotDefined[] = own
    .filter((table) => table.n !== n)
    .map((table) => ({
      estimator: table.estimatorId,
      n,
      k: table.k,
      reason: `its table is for n = ${table.n}`,
    }));
  for (const id of ids) {
    const estimator = findEstimator(id);
    if (!estimator) continue;
    const reasons = new Map(
      (estimator.usesK ? ks : [1]).map((k) => [k, estimator.undefinedBecause(n, k)] as const),
    );
    const possible = [...reasons].filter(([, reason]) => reason === null).map(([k]) => k);
    const k = nearestK(possible, n);
    if (k !== null) tables.push(weightTable(estimator, n, estimator.usesK ? k : null));
    else {
      const [firstK, reason] = [...reasons].at(0) ?? [null, `no k that was asked for is at most n = ${n}`];
      notDefined.push({ estimator: id, n, k: estimator.usesK ? firstK : null, reason: reason ?? '' });
    }
  }
  return { tables, notDefined };
}

/** The run's. */
export function trainedTables(config: Config, own: readonly WeightTable[]): TrainedTables {
  return tablesAt(config.estimators, config.groupSize, config.ks, own);
}

/** "left out: pkpo-loo1, n = 2: needs k >= 2", for each estimator that is not there. */
export function leftOut(notDefined: readonly NotDefined[]): string[] {
  return notDefined.map(
    ({ estimator, n, k, reason }) =>
      `left out: ${estimator} at n = ${n}${k === null ? '' : `, k = ${k}`}: ${reason}`,
  );
}

/** Tables that move anything; the others are said to teach nothing. */
export function teachingTables({ tables, notDefined }: TrainedTables): TrainedTables {
  return {
    tables: tables.filter(({ hasSignal }) => hasSignal.some(Boolean)),
    notDefined: [
      ...notDefined,
      ...tables
        .filter(({ hasSignal }) => !hasSignal.some(Boolean))
        .map(({ estimatorId, n, k }) => ({ estimator: estimatorId, n, k, reason: 'all its weights are 0' })),
    ],
  };
}
