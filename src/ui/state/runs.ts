/** Runs kept in this browser (IndexedDB): opened again, laid over another, deleted. */
import { signal } from '@preact/signals';
import { createStore, del, entries, set, type UseStore } from 'idb-keyval';
import { announce } from './announce.ts';
import { overlaid, REFERENCE_RUN, shownRun, type ShownRun } from './board.ts';
import { suite } from './engine.ts';
import { notify } from './notices.ts';

/** A run as it is kept: its whole report beside what is shown of it. */
type KeptRun = ShownRun & { readonly id: string; readonly report: Blob };

export const runs = signal<readonly KeptRun[]>([]);

/** More are not kept: a report is some megabytes. */
const MOST_RUNS = 20;

let store: UseStore | null = null;
const opened = (): UseStore => (store ??= createStore('passk-bench', 'runs'));

const isKept = (run: unknown): run is KeptRun =>
  typeof run === 'object' && run !== null && 'digest' in run && 'report' in run && run.report instanceof Blob;

/** Browsers that keep nothing (private windows, some policies) still show what they run. */
export async function loadRuns(): Promise<void> {
  try {
    const found = await entries<string, unknown>(opened());
    runs.value = found
      .flatMap(([, run]) => (isKept(run) ? [run] : []))
      .sort((a, b) => b.digest.facts.startedAt.localeCompare(a.digest.facts.startedAt));
  } catch {
    runs.value = [];
  }
}

export async function keep(run: ShownRun): Promise<void> {
  const { id, report } = run;
  if (id === null || report === null) return;
  const kept: KeptRun = { ...run, id, report };
  runs.value = [kept, ...runs.value.filter((other) => other.id !== id)];
  try {
    await set(id, kept, opened());
    for (const old of runs.value.slice(MOST_RUNS)) await forget(old);
  } catch (error) {
    notify({
      ...{ id: 'keep', kind: 'mended', fact: 'This browser keeps no runs.' },
      consequence: `It can be saved as a file (${error instanceof Error ? error.message : String(error)}).`,
    });
  }
}

export async function forget(run: ShownRun): Promise<void> {
  if (run.id === null) return;
  runs.value = runs.value.filter(({ id }) => id !== run.id);
  if (shownRun.value.id === run.id) shownRun.value = REFERENCE_RUN;
  if (overlaid.value?.run.id === run.id) overlaid.value = null;
  await del(run.id, opened());
}

export function openRun(run: ShownRun): void {
  overlaid.value = null;
  shownRun.value = run;
  announce(`Shown: ${run.kind === 'reference' ? 'the reference run' : run.name}.`);
}

/** Lays a run over the one that is shown, and says whether their tallies are equal as `compare` does. */
export async function overlay(run: ShownRun): Promise<void> {
  const base = shownRun.value;
  if (base.report === null || run.report === null) {
    overlaid.value = {
      run,
      comparison:
        'The reference is an excerpt without tallies: its points can be laid over, but not compared bit for bit.',
    };
    return;
  }
  const answer = await suite().compare(base.report, run.report, 'the run shown', 'the run laid over it');
  overlaid.value = {
    run,
    comparison:
      'error' in answer
        ? `Their points can be seen together, but tallies are not comparable: ${answer.error.message}`
        : answer.value,
  };
}
