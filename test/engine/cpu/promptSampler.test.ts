import { describe, expect, test } from 'vitest';
import { Arena, openKernels } from '../../../src/engine/cpu/kernels.ts';
import { PromptSampler } from '../../../src/engine/cpu/promptSampler.ts';
import { TwinEngine } from '../../../src/engine/twin/twinEngine.ts';
import { LEVELS } from '../../../src/engine/tally.ts';
import { randomProblem } from '../../problems.ts';
import { job, shapes } from '../shapes.ts';

describe.each(['simd', 'scalar'] as const)('kernels, %s', (form) => {
  const kernels = openKernels(form);
  const arena = new Arena(kernels);

  describe.each(shapes)('count as the twin does: %s', (_, shape, groupSize, groupCount) => {
    test.each(LEVELS)('level %s', async (level) => {
      const problem = randomProblem(shape);
      const first = 2 ** 32 - 50;
      for await (const event of new TwinEngine().sample(job(problem, groupSize, level, first, groupCount))) {
        if (event.kind !== 'chunks') continue;
        for (const { range, tally } of event.chunks) {
          const sampler = new PromptSampler(kernels, form, arena, {
            ...problem,
            prompt: problem.prompts[range.prompt],
            promptIndex: range.prompt,
            ...{ groupSize, level, seed: 5, drawId: 0 },
          });
          // In parts that are no multiple of the lanes.
          sampler.sample(range.firstGroup, 3);
          sampler.sample(range.firstGroup + 3, range.groupCount - 3);
          expect(sampler.takeTally()).toEqual(tally);
          expect(sampler.takeTally().groups.every((count) => count === 0)).toBe(true);
        }
      }
    });
  });
});
