/** A training job as tasks for threads: blocks of replicas, each from its first step to its last. Cut by the job alone. */
import { baseLogits, blends } from '../../theory/trainedPolicy.ts';
import { verdictBits } from '../outcomeTallies.ts';
import { paramCount, segmentEnds, stepRates, type TrainingJob } from '../training.ts';
import type { BlockJob } from './packTrainer.ts';
import type { Cut, TrainingTask } from './thread.ts';

/** Blocks of a job, about: enough for the threads of most machines to end together. */
const BLOCKS = 32;
/** Every segment of a block is handed over and hashed by itself: smaller blocks would cost more than they train. */
const LEAST_REPLICAS = 64;
/** Replicas of a block are a multiple of this: full packs in either form. */
const REPLICA_STEP = 4;
const MOST_REPLICAS = 256;
/** Words of theta and its moments that a block holds, at most: 64 MiB. */
const MOST_STATE_WORDS = 2 ** 24;
/** Outcome words between two segments of a block, at most. */
const MOST_OUTCOME_WORDS = 2 ** 20;

export function trainingTasks(job: TrainingJob): TrainingTask[] {
  const { problem, groupSize, batchSize, optimiser, weights } = job;
  const { vocab, horizon, context, rowCount, prompts } = problem;
  const params = paramCount(problem);
  const stateWords = params * (optimiser.kind === 'adam' ? 3 : 1);
  const share = Math.max(Math.ceil(job.replicaCount / BLOCKS), LEAST_REPLICAS);
  const replicas = Math.min(share, MOST_REPLICAS, MOST_STATE_WORDS / stateWords);
  const blockReplicas = REPLICA_STEP * Math.max(1, Math.ceil(replicas / REPLICA_STEP));
  const cuts = cutsOf(job, Math.max(1, Math.floor(MOST_OUTCOME_WORDS / (batchSize * blockReplicas))));
  const { verifiers, verifierOf } = verifiersOf(job);
  const common = {
    ...{ vocab, horizon, context, rowCount, promptCount: prompts.length, paramCount: params },
    ...{ groupSize, batchSize, optimiser, verifiers, verifierOf },
    isShared: problem.features !== undefined,
    temperature: job.temperature,
    entropyBonus: job.entropyBonus,
    simko: job.simko,
    seed: job.seed,
    drawId: job.drawId,
    keepsMasses: job.masses === 'kept',
    base: Float32Array.from(baseLogits(problem)),
    blends: blends(problem),
    weights: Float32Array.from({ length: 2 * (groupSize + 1) }, (_, i) =>
      i % 2 === 0 ? weights.correct[i / 2] : weights.wrong[(i - 1) / 2],
    ),
    rates: Float32Array.from(stepRates(optimiser, job.stepCount)),
    initialTheta: job.initialTheta ? Float32Array.from(job.initialTheta) : null,
  };
  return Array.from({ length: Math.ceil(job.replicaCount / blockReplicas) }, (_, index): TrainingTask => {
    const first = index * blockReplicas;
    const block: BlockJob = {
      ...common,
      firstReplica: job.firstReplica + first,
      replicaCount: Math.min(blockReplicas, job.replicaCount - first),
    };
    return { kind: 'train', job: { block, keepsOutcomes: job.outcomes === 'each' }, cuts };
  });
}

function cutsOf(job: TrainingJob, segmentSteps: number): Cut[] {
  const ends = segmentEnds(job, segmentSteps);
  const cuts = ends.map((endStep, i) => ({
    firstStep: ends[i - 1] ?? 0,
    endStep,
    isSnapshot: job.snapshotSteps.includes(endStep),
  }));
  return job.snapshotSteps[0] === 0 ? [{ firstStep: 0, endStep: 0, isSnapshot: true }, ...cuts] : cuts;
}

/** Prompts that share a verifier and its modes share its table. */
function verifiersOf(job: TrainingJob): Pick<BlockJob, 'verifiers' | 'verifierOf'> {
  const bits = verdictBits(job);
  const verifiers: {
    automaton: TrainingJob['problem']['prompts'][number]['automaton'];
    bits: Uint32Array;
  }[] = [];
  const verifierOf = job.problem.prompts.map(({ automaton }, prompt) => {
    const known = verifiers.findIndex(
      (verifier) =>
        verifier.automaton === automaton && verifier.bits.every((bit, state) => bit === bits[prompt][state]),
    );
    if (known >= 0) return known;
    verifiers.push({ automaton, bits: bits[prompt] });
    return verifiers.length - 1;
  });
  return { verifiers, verifierOf };
}
