/** Known answers from the compiled kernels: random words, and tokens at every threshold. */
import type { SelfTestResult } from '../engine.ts';
import type { KernelFault } from '../sampler.ts';
import { failures, GENERATOR_WORDS, randomCases, tokenCases, tokenRows } from '../selfTestCases.ts';
import { Arena, LANES, openKernels, type KernelForm } from './kernels.ts';
import { PromptSampler } from './promptSampler.ts';

export function cpuSelfTest(form: KernelForm, fault?: KernelFault): SelfTestResult {
  const kernels = openKernels(form);
  const arena = new Arena(kernels);
  const random = randomCases();
  const randomAnswers = random.map(({ counter, key }) => {
    arena.clear();
    const lanes = LANES[form];
    const wordCount = 4 + GENERATOR_WORDS;
    const at = arena.take(wordCount * lanes * 4);
    kernels.writeStream(at, ...counter, ...key, GENERATOR_WORDS);
    const words = new Uint32Array(arena.memory.buffer, at, wordCount * lanes);
    return Array.from({ length: wordCount }, (_, i) => words[i * lanes]);
  });
  const rows = tokenRows();
  const tokens = tokenCases(rows);
  const vocab = Math.max(...rows.map(({ thresholds }) => thresholds.length));
  // The rows as those of one policy: positions of a trajectory.
  const masses = Float64Array.from(
    rows.flatMap(({ thresholds, thresholdCount }) =>
      Array.from({ length: vocab }, (_, v) => {
        const end = v < thresholdCount ? thresholds[v] : v === thresholdCount ? 2 ** 32 : 0;
        const start = v === 0 || v > thresholdCount ? 0 : thresholds[v - 1];
        return end - start;
      }),
    ),
  );
  const automaton = { stateCount: 1, start: 0, accepting: new Uint8Array(1), next: new Uint32Array(vocab) };
  const sampler = new PromptSampler(kernels, form, arena, {
    ...{ vocab, horizon: rows.length, context: 'none', prompt: { masses, automaton }, promptIndex: 0 },
    ...{ groupSize: 1, level: 'groups', seed: 0, drawId: 0 },
    ...(fault === undefined ? {} : { fault }),
  });
  return {
    caseCount: random.length + tokens.length,
    failures: failures(
      (index) => randomAnswers[index],
      (index) => sampler.tokenOf(tokens[index].row, tokens[index].word),
    ),
  };
}
