/** Runs kept in this browser (IndexedDB): opened again, laid over another, deleted. */
import { signal } from '@preact/signals';
import { createStore, del, entries, get, set, type UseStore } from 'idb-keyval';
import type { RunFacts } from '../../lab/suite/digest.ts';
import { announce } from './announce.ts';
import { overlaid, REFERENCE_RUN, show, shownRun, type RunKind, type ShownRun } from './board.ts';
import { suite } from './engine.ts';
import { notify } from './notices.ts';

/** What the list shows of a run; the run itself is read when it is asked for. */
export interface RunEntry {
  readonly kind: RunKind;
  readonly id: string | null;
  readonly name: string;
  readonly facts: RunFacts;
}

const entryOf = ({ kind, id, name, digest }: ShownRun): RunEntry => ({ kind, id, name, facts: digest.facts });
export const REFERENCE_ENTRY = entryOf(REFERENCE_RUN);

/** Kept ones, the latest first. */
export const runs = signal<readonly RunEntry[]>([]);

/** More are not kept: a report is some megabytes. */
const MOST_RUNS = 20;
/** Of what is kept: a page that keeps something else leaves older records alone. */
const SCHEMA = 1;

let stores: { readonly facts: UseStore; readonly runs: UseStore } | null = null;
const opened = (): NonNullable<typeof stores> =>
  (stores ??= {
    facts: createStore(`passk-bench-facts-${SCHEMA}`, 'facts'),
    runs: createStore(`passk-bench-runs-${SCHEMA}`, 'runs'),
  });

const isEntry = (value: unknown): value is RunEntry & { readonly id: string } => {
  const entry = value as Partial<RunEntry> | null;
  const facts = entry?.facts as Partial<RunFacts> | undefined;
  return (
    typeof entry?.id === 'string' &&
    typeof entry.name === 'string' &&
    typeof facts?.startedAt === 'string' &&
    typeof facts.durationMs === 'number' &&
    Array.isArray(facts.experiments)
  );
};

/** Browsers that keep nothing (private windows, some policies) still show what they run. */
export async function loadRuns(): Promise<void> {
  try {
    const found = await entries<string, unknown>(opened().facts);
    runs.value = found
      .flatMap(([, entry]) => (isEntry(entry) ? [entry] : []))
      .sort((a, b) => b.facts.startedAt.localeCompare(a.facts.startedAt));
  } catch {
    runs.value = [];
  }
}

export async function keep(run: ShownRun): Promise<void> {
  const { id } = run;
  if (id === null || run.report === null) return;
  runs.value = [entryOf(run), ...runs.value.filter((other) => other.id !== id)];
  try {
    await set(id, run, opened().runs);
    await set(id, entryOf(run), opened().facts);
    for (const old of runs.value.slice(MOST_RUNS)) await forget(old);
  } catch (error) {
    notify({
      ...{ id: 'keep', kind: 'mended', fact: 'This browser keeps no runs.' },
      consequence: `It can be saved as a file (${error instanceof Error ? error.message : String(error)}).`,
    });
  }
}

export async function forget({ id }: RunEntry): Promise<void> {
  if (id === null) return;
  runs.value = runs.value.filter((other) => other.id !== id);
  if (shownRun.value.id === id) show(REFERENCE_RUN);
  if (overlaid.value?.run.id === id) overlaid.value = null;
  await del(id, opened().facts);
  await del(id, opened().runs);
}

/** The run of an entry; null, and said, where the browser has it no more. */
export async function runOf({ id, kind, name }: RunEntry): Promise<ShownRun | null> {
  if (kind === 'reference') return REFERENCE_RUN;
  if (id === shownRun.value.id) return shownRun.value;
  const found = id === null ? undefined : await get<ShownRun>(id, opened().runs).catch(() => undefined);
  if (found) return found;
  notify({ id: 'keep', kind: 'wrong', fact: `${name}: this browser no longer has it.` });
  return null;
}

export async function openRun(entry: RunEntry): Promise<void> {
  const run = await runOf(entry);
  if (!run) return;
  show(run);
  announce(`Shown: ${run.kind === 'reference' ? 'the reference run' : run.name}.`);
}

/** Lays a run over the one that is shown, and says whether their tallies are equal as `compare` does. */
export async function overlay(entry: RunEntry): Promise<void> {
  const base = shownRun.value;
  const run = await runOf(entry);
  if (!run) return;
  const comparison = await comparisonOf(base, run);
  // Another run may be shown by now, or this one may be gone.
  const isKept = run.kind === 'reference' || runs.value.some(({ id }) => id === run.id);
  if (shownRun.value === base && isKept) overlaid.value = { run, comparison };
}

async function comparisonOf(base: ShownRun, run: ShownRun): Promise<string> {
  const [a, b] = [base.report, run.report];
  if (a === null || b === null)
    return 'The reference is an excerpt without tallies: its points can be laid over, but not compared bit for bit.';
  const answer = await suite((host) => host.compare(a, b, 'the run shown', 'the run laid over it'));
  return 'error' in answer
    ? `Their points can be seen together, but tallies are not comparable: ${answer.error.message}`
    : answer.value;
}
