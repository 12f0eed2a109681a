import { describe, expect, test } from 'vitest';
import { compileProblem } from '../../src/math/problem.ts';
import { parseProblem } from '../../src/math/problemFile.ts';
import { CpuSampler } from '../../src/kernels/cpuSampler.ts';
import { tallyOverRange } from '../../src/kernels/collect.ts';
import { everyPrompt } from '../../src/kernels/sampler.ts';
import { readTallyFile, type TallyFile } from '../../src/kernels/tallyFile.ts';
import { oracleJson, oracleText, ORACLE_TALLIES } from '../oracle.ts';

describe('the CPU twin', () => {
  test.each(ORACLE_TALLIES)('prints the reference tally of %s to the last bit', async (name) => {
    const reference = oracleJson<TallyFile>(`${name}.tally.json`);
    await readTallyFile(reference, name);
    const problem = compileProblem(parseProblem(oracleText(`${name}.problem.json`), name));
    const { level, seed, experiment, groupSize, firstGroup, groupCount } = reference;
    const ranges = everyPrompt(problem, firstGroup, groupCount);
    const tally = await tallyOverRange(new CpuSampler(), {
      problem,
      groupSize,
      level,
      seed,
      experiment,
      ranges,
    });
    expect(tally).toEqual(reference);
  });
});
