/**
 * The one list of experiments, in the order of a run. Result types, outcome, counts, menu, help, URL, comparison and
 * documents all loop over it: a new experiment is a folder and a line here.
 */
import { aggregate } from '../../experiments/aggregate/index.ts';
import { collapse } from '../../experiments/collapse/index.ts';
import { crossover } from '../../experiments/crossover/index.ts';
import { figure1 } from '../../experiments/figure1/index.ts';
import { objectives } from '../../experiments/objectives/index.ts';
import { published } from '../../experiments/published/index.ts';
import { relation } from '../../experiments/relation/index.ts';
import { signal } from '../../experiments/signal/index.ts';
import { temperature } from '../../experiments/temperature/index.ts';
import { throughput } from '../../experiments/throughput/index.ts';
import { updates } from '../../experiments/updates/index.ts';
import { variance } from '../../experiments/variance/index.ts';
import type { Experiment, ExperimentResult } from '../experiment.ts';

const registry = [
  relation,
  figure1,
  signal,
  variance,
  aggregate,
  temperature,
  updates,
  collapse,
  objectives,
  crossover,
  published,
  throughput,
] as const;

type Registered = (typeof registry)[number];
export type ExperimentName = Registered['name'];

/** What the experiments of a run found; those that were not asked for, or not reached, are absent. */
export type ExperimentResults = {
  readonly [Entry in Registered as Entry['name']]?: Awaited<ReturnType<Entry['run']>>;
};

/** Every experiment, its result known only as what all results may say. */
export const EXPERIMENTS: readonly (Experiment & { readonly name: ExperimentName })[] = registry;

export const EXPERIMENT_NAMES: readonly ExperimentName[] = EXPERIMENTS.map(({ name }) => name);

/** The experiments that were reached, in the order of a run, each with what it found. */
export function reached(
  results: ExperimentResults,
): { readonly experiment: Experiment; readonly result: ExperimentResult }[] {
  return EXPERIMENTS.flatMap((experiment) => {
    const result: ExperimentResult | undefined = results[experiment.name];
    return result === undefined ? [] : [{ experiment, result }];
  });
}
