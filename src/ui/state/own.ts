/** Estimators of one's own, from a table or a log that was pasted or dropped: judged, drawn beside the others, used in runs. */
import { computed, signal } from '@preact/signals';
import { findEstimator } from '../../estimators/estimatorSpec.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import type { Convention } from '../../identify/ownEstimator.ts';
import type { Judgement } from '../../threads/diagnoseHost.ts';
import { setParams } from './address.ts';
import { announce } from './announce.ts';
import { readerThread } from './diagnosis.ts';
import { dismiss, notify } from './notices.ts';

export const judged = signal<Judgement | null>(null);

/** Under names that the catalogue has not. */
export const ownTables = computed((): readonly WeightTable[] =>
  (judged.value?.tables ?? []).map((table) =>
    findEstimator(table.estimatorId) ? { ...table, estimatorId: `${table.estimatorId} (own)` } : table,
  ),
);

/** @returns what is wrong with it, or null */
export async function judge(
  text: string,
  name: string,
  convention: Convention | 'open',
  flags = '',
): Promise<string | null> {
  const answer = await readerThread.call((host) => host.judge(text, name, convention, flags));
  if ('error' in answer) {
    judged.value = null;
    notify({ id: 'own', kind: 'wrong', fact: `${answer.error.message}.` });
    return answer.error.message;
  }
  dismiss('own');
  judged.value = answer.value;
  // Where it can be seen.
  const [{ n, k, finding }] = answer.value.identities;
  setParams({ 'bench.n': String(n), ...(k === null ? {} : { 'bench.k': String(k) }) });
  announce(finding);
  return null;
}
