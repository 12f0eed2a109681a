/** Estimators of one's own, from a table or a log that was pasted or dropped: judged, drawn beside the others, used in runs. */
import { computed, signal } from '@preact/signals';
import type { TableIdentity } from '../../identify/identify.ts';
import type { Convention, OwnEstimator } from '../../identify/ownEstimator.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import { InputError } from '../../input/inputError.ts';
import { MOST_SIZE } from '../../experiments/variance/workbench.ts';
import { setParams } from './address.ts';
import { announce } from './announce.ts';
import { notify } from './notices.ts';

export interface Judged {
  readonly name: string;
  readonly estimators: readonly OwnEstimator[];
  readonly identities: readonly TableIdentity[];
  readonly tables: readonly WeightTable[];
}

export const judged = signal<Judged | null>(null);
export const ownTables = computed((): readonly WeightTable[] => judged.value?.tables ?? []);

/** The reader and the judge come when there is something to judge. */
export async function judge(text: string, name: string, convention: Convention): Promise<string | null> {
  const [{ readOwnEstimators, ownTable }, { identifyTable }] = await Promise.all([
    import('../../identify/ownEstimator.ts'),
    import('../../identify/identify.ts'),
  ]);
  try {
    const estimators = readOwnEstimators(text, name, convention);
    const identities = estimators.map(identifyTable);
    judged.value = {
      name,
      estimators,
      identities,
      tables: estimators.flatMap((own) => ownTable(own) ?? []),
    };
    // Where it can be seen.
    const [{ n, k }] = estimators;
    if (n <= MOST_SIZE) setParams({ 'bench.n': String(n), ...(k === null ? {} : { 'bench.k': String(k) }) });
    announce(identities[0].finding);
    return null;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    judged.value = null;
    notify({ id: 'own', kind: 'wrong', fact: `${error.message}.` });
    return error.message;
  }
}
