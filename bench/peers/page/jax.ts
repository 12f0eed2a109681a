/**
 * The job in jax-js: one compiled function a batch, in which comparisons, weights and sums fuse. Its arrays are counted: what is
 * passed on is given away, unless it is passed as `.ref`.
 */
import { defaultDevice, init, jit, numpy as np, random, type Array as Tensor } from '@jax-js/jax';
import packageJson from '../package.json' with { type: 'json' };
import type { JobSpec } from '../job.ts';
import { found, groupsPerBatch, thresholds, type LibraryJob } from './libraryJob.ts';

/** Batches that are queued before their results are waited for: more only fill memory. */
const QUEUED = 4;

export async function openJax(backend: string, spec: JobSpec): Promise<LibraryJob> {
  if (!(await init(backend)).includes(backend)) throw new Error(`its backend ${backend} does not start here`);
  defaultDevice(backend);
  const { promptCount, horizon, vocab } = spec;
  const policy = np.array(Float32Array.from(spec.probabilities)).reshape([promptCount, horizon, 1, vocab]);
  const starts = np.array(thresholds(spec)).reshape([promptCount, horizon, 1, 1, vocab - 1]);
  const ofCorrect = np.array(Float32Array.from(spec.correct));
  const ofWrong = np.array(Float32Array.from(spec.wrong));
  const groupCount = groupsPerBatch(backend);
  const batch = jit(batchOf(spec, groupCount));
  let seed = spec.seed;
  const draw = (): Tensor[] => {
    seed += 1;
    return batch(random.key(seed), policy.ref, starts.ref, ofCorrect.ref, ofWrong.ref);
  };
  return {
    facts: { version: packageJson.dependencies['@jax-js/jax'], backend },
    async run(batchCount) {
      let sums = draw();
      for (let i = 1; i < batchCount; i += 1) {
        const more = draw();
        sums = sums.map((sum, place) => sum.add(more[place]));
        if (i % QUEUED === 0) await sums[0].blockUntilReady();
      }
      const [correct, gradient, square] = await Promise.all(sums.map((sum) => sum.data()));
      return found(spec, batchCount * groupCount, { correct, gradient, square });
    },
  };
}

/** @returns the sums of c, of G and of G² over the groups of a batch, by prompt */
function batchOf({ promptCount, horizon, vocab, groupSize, modulus, residue }: JobSpec, groupCount: number) {
  const integer = (value: number): Tensor => np.array(value, { dtype: np.int32 });
  return (key: Tensor, policy: Tensor, starts: Tensor, ofCorrect: Tensor, ofWrong: Tensor): Tensor[] => {
    const uniform = random.uniform(key, [promptCount, horizon, groupCount, groupSize, 1]);
    const tokens = np.lessEqual(starts, uniform).astype(np.int32).sum(-1);
    const isCorrect = np.equal(np.remainder(tokens.ref.sum(1), integer(modulus)), integer(residue));
    const c = isCorrect.ref.astype(np.int32).sum(2);
    const perGroup = [promptCount, groupCount, 1];
    const weights = np.where(
      isCorrect,
      np.take(ofCorrect, c.ref).reshape(perGroup),
      np.take(ofWrong, c.ref).reshape(perGroup),
    );
    const isToken = np.equal(
      tokens.reshape([promptCount, horizon, groupCount, groupSize, 1]),
      np.arange(0, vocab, 1, { dtype: np.int32 }),
    );
    const chosen = np
      .where(isToken, weights.ref.reshape([promptCount, 1, groupCount, groupSize, 1]), 0)
      .sum(3);
    const gradient = chosen.sub(weights.sum(2).reshape([promptCount, 1, groupCount, 1]).mul(policy));
    return [c.astype(np.float32).sum(1), gradient.ref.sum(2), np.square(gradient).sum(2)];
  };
}
