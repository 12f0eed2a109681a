/** How fast each engine of the run trains, against the CPU twin in the same run: whole jobs as a caller sees them. */
import type { Engine } from '../../engine/engine.ts';
import { TwinTrainer } from '../../engine/twin/twinTrainer.ts';
import { PLAIN_JOB, tokensPerStep, type Trainer, type TrainingJob } from '../../engine/training.ts';
import { defaultModes } from '../../problem/modes.ts';
import { compileProblem, type ProblemSource } from '../../problem/problem.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import { bandit, modes, sequences } from '../../problem/workloads.ts';
import { isAborted } from '../../lab/sampleJobs.ts';
import type { UpdateRate } from './result.ts';
import type { RunWatcher } from '../../lab/watcher.ts';

const WORKLOAD_SEED = 7;
const STEPS = 100;
const FIRST_REPLICAS = 256;
const MAX_REPLICAS = 2 ** 17;
/** The twin is timed for as long, but as few replicas as fill the time. */
const TWIN_SHARE = 0.4;

const WORKLOADS: readonly {
  readonly id: string;
  readonly description: string;
  readonly source: ProblemSource;
}[] = [
  {
    id: 'bandit',
    description: 'V = 16, T = 1, one prompt',
    source: bandit(16, 2, [0.3], WORKLOAD_SEED),
  },
  {
    id: 'sequences',
    description: 'V = 8, T = 4, one prompt, two accepted sequences',
    source: modes(
      { vocab: 8, horizon: 4, context: 'none', successProbs: [0.3], seed: WORKLOAD_SEED },
      [2, 1],
    ),
  },
  {
    id: 'shared',
    description: 'V = 4, T = 3, four prompts that share two blocks of parameters',
    source: {
      ...sequences(
        {
          vocab: 4,
          horizon: 3,
          context: 'none',
          successProbs: [0.1, 0.3, 0.5, 0.7],
          seed: WORKLOAD_SEED,
        },
        2,
      ),
      features: [
        [1, 0.8],
        [1, -0.5],
        [1, 0.3],
        [1, -0.9],
      ],
    },
  },
  {
    id: 'context',
    description: 'V = 4, T = 3, one prompt, rows by previous token',
    source: sequences(
      { vocab: 4, horizon: 3, context: 'previous', successProbs: [0.3], seed: WORKLOAD_SEED },
      2,
    ),
  },
];

export async function updateRates(
  weights: WeightTable,
  leastMs: number,
  engines: readonly Engine[],
  watcher: RunWatcher,
): Promise<UpdateRate[]> {
  const rates: UpdateRate[] = [];
  for (const { id, description, source } of WORKLOADS) {
    const problem = compileProblem(source);
    const job: TrainingJob = {
      ...PLAIN_JOB,
      problem,
      modes: defaultModes(problem),
      groupSize: weights.n,
      batchSize: problem.prompts.length,
      weights,
      optimiser: { kind: 'sgd', learningRate: 0.01 },
      stepCount: STEPS,
      snapshotSteps: [STEPS],
      replicaCount: FIRST_REPLICAS,
      seed: 1,
      drawId: 0,
    };
    const twin = await rateOf({ ...job, replicaCount: 4 }, leastMs * TWIN_SHARE, new TwinTrainer(), watcher);
    for (const engine of engines) {
      const { perSecond, perCpuSecond } = await rateOf(job, leastMs, engine, watcher);
      if (isAborted(watcher)) return rates;
      rates.push({
        id,
        description: `${description}, n = ${weights.n}`,
        engine: engine.environment.engine,
        adapter: engine.environment.adapter,
        updatesPerSecond: perSecond,
        updatesPerCpuSecond: perCpuSecond,
        tokensPerSecond: perSecond * tokensPerStep(job),
        twinUpdatesPerSecond: twin.perSecond,
        ratio: perSecond / twin.perSecond,
      });
    }
  }
  return rates;
}

interface Rate {
  readonly perSecond: number;
  /** null where the trainer does not know its CPU time */
  readonly perCpuSecond: number | null;
}

type Timed = Trainer & Pick<Partial<Engine>, 'cpuSeconds'>;

/** Replicas' steps per second: a run that compiles first, then ones of more replicas until one takes long enough. */
async function rateOf(job: TrainingJob, leastMs: number, trainer: Timed, watcher: RunWatcher): Promise<Rate> {
  let { replicaCount } = job;
  await timed(job, trainer, watcher);
  for (;;) {
    const { durationMs, cpuSeconds } = await timed({ ...job, replicaCount }, trainer, watcher);
    if (durationMs >= leastMs || replicaCount >= MAX_REPLICAS || isAborted(watcher)) {
      const updates = replicaCount * job.stepCount;
      return {
        perSecond: (updates * 1000) / durationMs,
        perCpuSecond: cpuSeconds !== null && cpuSeconds > 0 ? updates / cpuSeconds : null,
      };
    }
    const wanted = Math.ceil((replicaCount * leastMs * 1.2) / Math.max(1, durationMs));
    replicaCount = Math.min(MAX_REPLICAS, Math.max(2 * replicaCount, Math.min(wanted, 32 * replicaCount)));
  }
}

async function timed(
  job: TrainingJob,
  trainer: Timed,
  watcher: RunWatcher,
): Promise<{ readonly durationMs: number; readonly cpuSeconds: number | null }> {
  const start = performance.now();
  const cpuBefore = trainer.cpuSeconds?.() ?? null;
  for await (const event of trainer.train(job)) {
    if (isAborted(watcher)) break;
    if (event.kind === 'progress') watcher.onProgress({ stage: 'timing', tokenCount: 0, totalTokens: 0 });
  }
  const cpuAfter = trainer.cpuSeconds?.() ?? null;
  return {
    durationMs: performance.now() - start,
    cpuSeconds: cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore,
  };
}
