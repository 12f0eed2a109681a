/**
 * Experiment `updates`: is the update kernel right, and how fast is it? The mean first gradient of every estimator against
 * its exact law, with and without shared parameters; distributions after many steps against the CPU twin's; and
 * updates per second of both.
 */
import { catalogued } from '../../estimators/estimatorSpec.ts';
import { weightTable, type WeightTable } from '../../estimators/weightTables.ts';
import type { Engine } from '../../engine/engine.ts';
import { compareReplicas } from './replicaComparison.ts';
import { judgeFamily, withVerdicts, type Ending } from '../../lab/judge.ts';
import { firstGradients } from './firstGradient.ts';
import { isAborted } from '../../lab/sampleJobs.ts';
import type { Config, Preset } from '../../lab/settings.ts';
import { trainedTables } from '../../lab/trainedTables.ts';
import { addTotals } from '../../lab/trainJobs.ts';
import type { UpdatesResult } from '../../lab/trainingResults.ts';
import { updateRates } from './updateRates.ts';
import type { RunWatcher } from '../../lab/watcher.ts';

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

export async function runUpdates(
  config: Config,
  own: readonly WeightTable[],
  trainer: Engine,
  watcher: RunWatcher,
): Promise<UpdatesResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const { tables, notDefined } = trainedTables(config, own);
  // The twin against itself would say nothing of a kernel.
  const hasKernel = trainer.environment.engine === 'gpu';
  const first = await firstGradients(
    tables,
    config.groupSize,
    GRADIENT_REPLICAS[config.preset],
    config.seed,
    GRADIENT_ID,
    trainer,
    watcher,
  );
  const plain = catalogued('rloo');
  const compared =
    isAborted(watcher) || !hasKernel
      ? { replicas: [], totals: [] }
      : await compareReplicas(
          weightTable(plain, COMPARED_GROUP_SIZE, null),
          COMPARED_REPLICAS[config.preset],
          config.seed,
          REPLICA_ID,
          trainer,
          watcher,
        ).then(({ replicas, totals }) => ({ replicas, totals: [totals] }));
  const rates =
    isAborted(watcher) || !hasKernel
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
    description: `n = ${config.groupSize}, ${GRADIENT_REPLICAS[config.preset]} replicas${hasKernel ? '' : ', on the CPU twin: no kernel ran'}`,
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
