/**
 * Experiment `updates`: is the update kernel right, and how fast is it? The mean first gradient of every estimator against
 * its exact law, with and without shared parameters; distributions after many steps against the CPU twin's; and
 * updates per second of both.
 */
import { estimators } from '../math/estimators.ts';
import { findEstimator } from '../math/estimatorSpec.ts';
import { weightTable, weightTables, type NotDefined, type WeightTable } from '../math/weightTables.ts';
import type { Trainer } from '../kernels/training.ts';
import { compareReplicas } from './replicaComparison.ts';
import { judgeFamily, withVerdicts, type Ending } from './families.ts';
import { firstGradients } from './firstGradient.ts';
import { isAborted } from './sampling.ts';
import type { Config, Preset } from './settings.ts';
import { addTotals } from './training.ts';
import type { UpdatesResult } from './trainingResult.ts';
import { updateRates } from './updateRates.ts';
import type { RunWatcher } from './watcher.ts';

const GRADIENT_ID = 0x800;
const REPLICA_ID = 0x8c0;
/** Replicas of a first-gradient check: the kernel's time is not in the draws but in handing theta over. */
const GRADIENT_REPLICAS: Readonly<Record<Preset, number>> = {
  quick: 2 ** 14,
  standard: 2 ** 16,
  full: 2 ** 18,
};
const COMPARED_REPLICAS: Readonly<Record<Preset, number>> = { quick: 400, standard: 1000, full: 2000 };
const COMPARED_GROUP_SIZE = 8;
const RATE_MS: Readonly<Record<Preset, number>> = { quick: 300, standard: 1500, full: 5000 };

/** k of the objectives that take one: of those asked for, the nearest by ratio to a quarter of n, the larger of two. */
export function trainingK({ ks, groupSize }: Config): number {
  const possible = ks.filter((k) => k <= groupSize);
  const distance = (k: number): number => Math.abs(Math.log((4 * k) / groupSize));
  return [...possible]
    .sort((a, b) => b - a)
    .reduce((best, k) => (distance(k) < distance(best) - 1e-12 ? k : best));
}

/** The run's estimators at its n and one k. */
export function trainingTables(config: Config): {
  readonly tables: readonly WeightTable[];
  readonly notDefined: readonly NotDefined[];
} {
  const chosen = config.estimators.flatMap((id) => findEstimator(id) ?? []);
  return weightTables(chosen, [config.groupSize], [trainingK(config)]);
}

export async function runUpdates(
  config: Config,
  trainer: Trainer,
  watcher: RunWatcher,
): Promise<UpdatesResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const { tables, notDefined } = trainingTables(config);
  const first = await firstGradients(
    tables,
    config.groupSize,
    GRADIENT_REPLICAS[config.preset],
    config.seed,
    GRADIENT_ID,
    trainer,
    watcher,
  );
  const plain = estimators.find(({ id }) => id === 'rloo');
  if (!plain) throw new Error('the catalogue has no rloo');
  const compared = isAborted(watcher)
    ? { replicas: [], totals: [] }
    : await compareReplicas(
        weightTable(plain, COMPARED_GROUP_SIZE, null),
        COMPARED_REPLICAS[config.preset],
        config.seed,
        REPLICA_ID,
        trainer,
        watcher,
      ).then(({ replicas, totals }) => ({ replicas, totals: [totals] }));
  const rates = isAborted(watcher)
    ? []
    : await updateRates(weightTable(plain, 16, null), RATE_MS[config.preset], trainer, watcher);
  const totals = addTotals([first.totals, ...compared.totals]);
  const complete = totals.complete && !isAborted(watcher);
  const ending: Ending = complete ? 'complete' : 'cut short';
  const gradients = judgeFamily(
    'updates',
    first.cells.map(({ pValue }) => pValue),
    ending,
  );
  const replicas = judgeFamily(
    'replicas',
    compared.replicas.flatMap(({ successPValue, modesPValue }) => [successPValue, modesPValue]),
    ending,
  );
  return {
    experiment: 'updates',
    description: `n = ${config.groupSize}, k = ${trainingK(config)}, ${GRADIENT_REPLICAS[config.preset]} replicas`,
    cells: withVerdicts(first.cells, gradients.rejected, ending),
    controls: first.controls,
    replicas: compared.replicas,
    rates,
    notDefined,
    ...totals,
    complete,
    families: complete ? [gradients.summary, replicas.summary] : [],
  };
}
