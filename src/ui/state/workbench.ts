/** What the workbench draws, in the address: estimators, quantity, axis, J1, n, k, policy. */
import { computed, signal } from '@preact/signals';
import { estimators } from '../../estimators/estimators.ts';
import { FAMILIES, problemFamily, type PolicyFamily } from '../../experiments/variance/families.ts';
import {
  AXES,
  LEAST_UNBIASED,
  QUANTITIES,
  sizesOf,
  type Asked,
} from '../../experiments/variance/workbench.ts';
import { InputError } from '../../input/inputError.ts';
import { compileProblem } from '../../problem/problem.ts';
import { param, setParams } from './address.ts';
import { shown } from './board.ts';
import { notify } from './notices.ts';
import { ownTables } from './own.ts';

export const LEAST = LEAST_UNBIASED;
const USUAL = ['pkpo', 'pkpo-loo1', 'ordergrad', LEAST];

/** Positions of the slider of J1: what was measured is among them. */
export const PROBS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65,
  0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999,
];
/** Positions of the slider of n. */
export const sizes = computed(() => sizesOf(shown.value.variance ?? { cells: [] }, ownTables.value));

/** A policy from a file; null where none was given. */
const ownFamily = signal<PolicyFamily | null>(null);
export const families = computed(() => [...FAMILIES, ...(ownFamily.value ? [ownFamily.value] : [])]);

const chosenIds = computed((): readonly string[] => {
  const asked = param('bench.estimators');
  return asked === null ? USUAL : asked.split(',').filter((id) => id !== '');
});

export const isOn = (id: string): boolean => chosenIds.value.includes(id);

export function choose(ids: readonly string[]): void {
  const order = [...estimators.map(({ id }) => id), LEAST];
  const sorted = order.filter((id) => ids.includes(id));
  setParams({ 'bench.estimators': sorted.join(',') === USUAL.join(',') ? null : sorted.join(',') });
}

export const toggle = (id: string): void =>
  choose(isOn(id) ? chosenIds.value.filter((other) => other !== id) : [...chosenIds.value, id]);

const integer = (text: string | null, low: number, high: number, usual: number): number => {
  const value = Number(text ?? usual);
  return Number.isInteger(value) && value >= low && value <= high ? value : usual;
};

/** What is being dragged, before it is let go: only then does it stand in the address. */
export const dragged = signal<Partial<Record<'J1' | 'n' | 'k', number>>>({});

export const asked = computed((): Asked => {
  const known = sizes.value;
  const most = known[known.length - 1];
  const wanted = dragged.value.n ?? integer(param('bench.n'), known[0], most, 16);
  const n = known.reduce((best, size) => (Math.abs(size - wanted) < Math.abs(best - wanted) ? size : best));
  const family = families.value.find(({ id }) => id === param('bench.policy')) ?? families.value[0];
  const given = dragged.value.J1 ?? Number(param('bench.J1') ?? 0.5);
  const successProb = given > 0 && given < 1 ? given : 0.5;
  return {
    estimators: chosenIds.value.filter((id) => estimators.some((row) => row.id === id)),
    own: ownTables.value,
    sizes: known,
    least: isOn(LEAST),
    quantity: QUANTITIES.find((name) => name === param('bench.draw')) ?? 'variance',
    against: AXES.find((name) => name === param('bench.against')) ?? 'k',
    // A file's policy has the J1 of its prompts alone.
    successProb: family.probs === 'any' ? successProb : family.at(successProb).successProb,
    n,
    k: Math.min(n, dragged.value.k ?? integer(param('bench.k'), 1, most, 8)),
    family,
  };
});

/** @returns whether it was */
export async function loadPolicy(text: string, name: string): Promise<boolean> {
  const { parseProblem } = await import('../../problem/problemFile.ts');
  try {
    ownFamily.value = problemFamily(name, compileProblem(parseProblem(text, name)));
    setParams({ 'bench.policy': name });
    return true;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    notify({ id: 'files', kind: 'wrong', fact: `${error.message}.`, consequence: 'No policy was loaded.' });
    return false;
  }
}
