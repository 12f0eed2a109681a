/**
 * Experiment `updates`: is the update kernel right, and how fast is it? The mean first gradient of every estimator against
 * its exact law, with and without shared parameters; distributions after many steps against the CPU twin's; and
 * updates per second of both.
 */
import type { DrawIds } from '../../lab/drawIds.ts';
import { endingOf, judge, judgeParts, type Family } from '../../lab/judge.ts';
import type { Lab } from '../../lab/experiment.ts';
import { catalogued } from '../../estimators/estimatorSpec.ts';
import { weightTable } from '../../estimators/weightTables.ts';
import { compareReplicas } from './replicaComparison.ts';
import { firstGradients } from './firstGradient.ts';
import { isAborted } from '../../lab/sampleJobs.ts';
import type { Preset } from '../../lab/settings.ts';
import { trainedTables } from '../../lab/trainedTables.ts';
import { addTotals } from '../../lab/trainJobs.ts';
import type { UpdatesResult } from './result.ts';
import { updateRates } from './updateRates.ts';

/** Replica comparisons, then first gradients: one for each problem and table, of which a file may bring many. */
const REPLICA_IDS = [0x10000, 0x1000f] as const satisfies DrawIds;
const GRADIENT_IDS = [0x10010, 0x1ffff] as const satisfies DrawIds;
export const DRAW_IDS = [REPLICA_IDS[0], GRADIENT_IDS[1]] as const satisfies DrawIds;

export const GRADIENTS: Family = {
  id: 'updates',
  question: 'first gradients of the update kernel, along grad J1',
};
export const REPLICAS: Family = {
  id: 'replicas',
  question: 'replicas after many steps: kernel and twin, exact two-sample tests',
};
/** Replicas of a first-gradient check: the kernel's time is not in the draws but in handing theta over. */
const GRADIENT_REPLICAS: Readonly<Record<Preset, number>> = {
  quick: 2 ** 14,
  standard: 2 ** 16,
  full: 2 ** 18,
};
const COMPARED_REPLICAS: Readonly<Record<Preset, number>> = { quick: 400, standard: 1000, full: 2000 };
const COMPARED_GROUP_SIZE = 8;
const RATE_MS: Readonly<Record<Preset, number>> = { quick: 120, standard: 1500, full: 5000 };

export async function runUpdates({ config, own, engine: trainer, watcher }: Lab): Promise<UpdatesResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const { tables, notDefined } = trainedTables(config, own);
  // The twin against itself would say nothing of a kernel.
  const hasKernel = trainer.environment.engine !== 'twin';
  const common = { trainer, watcher, seed: config.seed };
  const first = await firstGradients(tables, config.groupSize, {
    ...common,
    drawIds: GRADIENT_IDS,
    replicaCount: GRADIENT_REPLICAS[config.preset],
  });
  const plain = catalogued('rloo');
  const compared =
    isAborted(watcher) || !hasKernel
      ? { replicas: [], totals: [] }
      : await compareReplicas(weightTable(plain, COMPARED_GROUP_SIZE, null), {
          ...common,
          drawIds: REPLICA_IDS,
          replicaCount: COMPARED_REPLICAS[config.preset],
        }).then(({ replicas, totals }) => ({ replicas, totals: [totals] }));
  const engines = (await trainer.engines?.()) ?? [trainer];
  // As for sampling: software WebGPU through a browser takes longer than all else that quick does.
  const timed = config.preset === 'quick' ? engines.slice(0, 1) : engines;
  const rates =
    isAborted(watcher) || !hasKernel
      ? []
      : await updateRates(weightTable(plain, 16, null), RATE_MS[config.preset], timed, watcher);
  const totals = addTotals([first.totals, ...compared.totals]);
  const complete = totals.complete && !isAborted(watcher);
  const ending = endingOf({ complete });
  const gradients = judge(GRADIENTS, first.cells, ending);
  const replicas = judgeParts(
    REPLICAS,
    compared.replicas.map(({ successPValue, modesPValue }) => [successPValue, modesPValue]),
    ending,
  );
  return {
    experiment: 'updates',
    description: `n = ${config.groupSize}, ${GRADIENT_REPLICAS[config.preset]} replicas${hasKernel ? '' : ', on the twin: no kernel ran'}`,
    cells: first.cells.map(gradients.of),
    controls: first.controls,
    replicas: compared.replicas,
    rates,
    notDefined,
    ...totals,
    complete,
    families: complete ? [gradients.summary, replicas.summary] : [],
  };
}
