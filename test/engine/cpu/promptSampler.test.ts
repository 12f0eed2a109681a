import { describe, expect, test } from 'vitest';
import { collectTallies } from '../../../src/engine/collect.ts';
import { Arena, openKernels } from '../../../src/engine/cpu/kernels.ts';
import { PromptSampler } from '../../../src/engine/cpu/promptSampler.ts';
import { TwinEngine } from '../../../src/engine/twin/twinEngine.ts';
import { LEVELS, type PromptTally } from '../../../src/engine/tally.ts';
import { randomProblem } from '../../problems.ts';
import { job, shapes } from '../shapes.ts';

/** High words of indices change within the range. */
const FIRST = 2 ** 32 - 50;

type Counters = Float64Array | BigInt64Array | undefined;

/** Millions of counters are compared as bytes. @returns null where none were found */
function areSame(found: Counters, wanted: Counters): boolean | null {
  if (!found || !wanted) return null;
  const bytes = (array: Float64Array | BigInt64Array): Buffer =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return bytes(found).equals(bytes(wanted));
}

describe.each(shapes)('the kernels count as the twin does: %s', (_, shape, groupSize, mostGroups) => {
  const groupCount = Math.min(mostGroups, 60);
  const problem = randomProblem(shape);
  // What the twin counts at level full holds what it counts at the others; its pairs take the test's time.
  let reference: Promise<PromptTally[]> | undefined;

  test.each(LEVELS.flatMap((level) => (['simd', 'scalar'] as const).map((form) => [level, form] as const)))(
    'level %s, %s',
    async (level, form) => {
      reference ??= collectTallies(new TwinEngine(), job(problem, groupSize, 'full', FIRST, groupCount));
      const kernels = openKernels(form);
      const arena = new Arena(kernels);
      (await reference).forEach(({ groups, second, counts }, promptIndex) => {
        const sampler = new PromptSampler(kernels, form, arena, {
          ...problem,
          ...{ prompt: problem.prompts[promptIndex], promptIndex },
          ...{ groupSize, level, seed: 5, drawId: 0 },
        });
        // In parts that are no multiple of the lanes.
        sampler.sample(FIRST, 3);
        sampler.sample(FIRST + 3, groupCount - 3);
        const found = sampler.takeTally();
        expect(found.groups).toEqual(groups);
        expect(areSame(found.second, second)).toBe(level === 'groups' ? null : true);
        expect(areSame(found.counts, counts)).toBe(level === 'full' ? true : null);
        expect(sampler.takeTally().groups.every((count) => count === 0)).toBe(true);
      });
    },
  );
});
