/**
 * The job in TensorFlow.js, as it is fastest on each backend: a product of matrices, but on WebGPU, where one of a single row and
 * a reduction of few terms each take the time of a whole tile, halves that are added.
 *
 * Uniform numbers are its own (`randomUniform`). Its `multinomial` would be shorter, but on the CPU backend rows share their draws.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import type { JobSpec } from '../job.ts';
import { found, groupsPerBatch, thresholds, type LibraryJob } from './libraryJob.ts';

const BACKENDS: Readonly<Record<string, () => Promise<unknown>>> = {
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  wasm: async () => {
    const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths({
      'tfjs-backend-wasm.wasm': plainUrl,
      'tfjs-backend-wasm-simd.wasm': simdUrl,
      'tfjs-backend-wasm-threaded-simd.wasm': threadedUrl,
    });
    setThreadsCount(navigator.hardwareConcurrency);
  },
};

export async function openTensorFlow(backend: string, spec: JobSpec): Promise<LibraryJob> {
  await BACKENDS[backend]();
  if (!(await tf.setBackend(backend))) throw new Error(`its backend ${backend} does not start here`);
  await tf.ready();
  const groupCount = groupsPerBatch(backend);
  const batch = batchOf(spec, groupCount, backend === 'webgpu' ? sumByHalves : sumByProduct);
  return {
    facts: { version: tf.version_core, backend },
    async run(batchCount) {
      let sums = batch();
      for (let i = 1; i < batchCount; i += 1) {
        const [before, more] = [sums, batch()];
        sums = tf.tidy(() => before.map((sum, place) => sum.add(more[place])));
        tf.dispose([...before, ...more]);
      }
      const [correct, gradient, square] = await Promise.all(sums.map((sum) => sum.data()));
      tf.dispose(sums);
      return found(spec, batchCount * groupCount, { correct, gradient, square });
    },
  };
}

/** Σ_i weights[b, i] values[b, i, x]: [b, i], [b, i, x] to [b, x] */
type WeightedSum = (weights: tf.Tensor, values: tf.Tensor) => tf.Tensor;

const sumByProduct: WeightedSum = (weights, values) => tf.matMul(weights.expandDims(1), values).squeeze([1]);

const sumByHalves: WeightedSum = (weights, values) => sumOverAxis1(values.mul(weights.expandDims(2)));

/** By halves; the axis has a power of two for its length. */
function sumOverAxis1(values: tf.Tensor): tf.Tensor {
  if (values.shape[1] === 1) return values.squeeze([1]);
  const [first, second] = tf.split(values, 2, 1);
  return sumOverAxis1(first.add(second));
}

/** @returns draws a batch: the sums of c, of G and of G² over its groups, by prompt */
function batchOf(spec: JobSpec, groupCount: number, weightedSum: WeightedSum): () => tf.Tensor[] {
  const { promptCount, horizon, vocab, groupSize, modulus, residue } = spec;
  const rows = promptCount * horizon;
  const cells = horizon * vocab;
  const groups = promptCount * groupCount;
  const starts = tf.tensor(thresholds(spec), [rows, vocab - 1]);
  const policy = tf.tensor(Float32Array.from(spec.probabilities), [promptCount, 1, cells]);
  const [ofCorrect, ofWrong] = [spec.correct, spec.wrong].map((weights) =>
    tf.tensor(Float32Array.from(weights)),
  );
  const eachOfGroup = tf.ones([groups, groupSize]);
  const eachGroup = tf.ones([promptCount, groupCount]);
  let seed = spec.seed;
  const sumOfGroup = (values: tf.Tensor): tf.Tensor => weightedSum(eachOfGroup, values.expandDims(2));
  return () =>
    tf.tidy(() => {
      seed += 1;
      const uniform = tf.randomUniform([rows, groupCount * groupSize], 0, 1, 'float32', seed);
      // Its WebGPU casts without touching what is stored, and cannot transpose integers: adding 0 makes them float32.
      const tokens = tf
        .searchSorted(starts, uniform, 'right')
        .cast('float32')
        .add(0)
        .reshape([promptCount, horizon, groupCount * groupSize]);
      const isCorrect = tf
        .equal(sumOverAxis1(tokens).mod(modulus), residue)
        .cast('float32')
        .add(0)
        .reshape([groups, groupSize]);
      const correct = sumOfGroup(isCorrect);
      const c = correct.cast('int32').squeeze([1]);
      const weights = isCorrect
        .mul(tf.gather(ofCorrect, c).expandDims(1))
        .add(tf.sub(1, isCorrect).mul(tf.gather(ofWrong, c).expandDims(1)));
      const chosen = tf
        .oneHot(tokens.transpose([0, 2, 1]).cast('int32'), vocab)
        .cast('float32')
        .reshape([groups, groupSize, cells]);
      const gradient = weightedSum(weights, chosen)
        .reshape([promptCount, groupCount, cells])
        .sub(sumOfGroup(weights).reshape([promptCount, groupCount, 1]).mul(policy));
      return [
        weightedSum(eachGroup, correct.reshape([promptCount, groupCount, 1])),
        weightedSum(eachGroup, gradient),
        weightedSum(eachGroup, gradient.square()),
      ];
    });
}
