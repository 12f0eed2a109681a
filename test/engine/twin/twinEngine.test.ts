import { describe, expect, test } from 'vitest';
import { compileProblem } from '../../../src/problem/problem.ts';
import { parseProblem } from '../../../src/problem/problemFile.ts';
import { TwinEngine } from '../../../src/engine/twin/twinEngine.ts';
import { tallyOverRange } from '../../../src/engine/collect.ts';
import { everyPrompt } from '../../../src/engine/sampler.ts';
import { readTallyFile, type TallyFile } from '../../../src/engine/tallyFile.ts';
import { canonicalJson, sha256 } from '../../../src/input/canonical.ts';
import { InputError } from '../../../src/input/inputError.ts';
import { randomProblem } from '../../problems.ts';
import { oracleJson, oracleText, ORACLE_TALLIES } from '../../oracle.ts';

describe('a tally file', () => {
  const reference = oracleJson<TallyFile>('bandit4.tally.json');
  const rehashed = async (
    edit: (draft: Record<string, unknown> & { prompts: Record<string, unknown>[] }) => void,
  ): Promise<unknown> => {
    const { sha256: _, ...draft } = structuredClone(reference) as unknown as Record<string, unknown> & {
      prompts: Record<string, unknown>[];
    };
    edit(draft);
    return { ...draft, sha256: await sha256(canonicalJson(draft)) };
  };
  const edits: [string, (draft: Record<string, unknown> & { prompts: Record<string, unknown>[] }) => void][] =
    [
      ['no ranges', (draft) => (draft.ranges = [])],
      [
        'ranges that contradict its groups',
        (draft) =>
          (draft.ranges = [
            [0, 10],
            [20, 10],
          ]),
      ],
      ['a group count that its counts do not add up to', (draft) => (draft.groupCount = 299)],
      ['no groups', (draft) => (draft.groupCount = 0)],
      ['no prompts', (draft) => (draft.prompts = [])],
      ['too few cells', (draft) => (draft.prompts[0].groups = ['300'])],
      ['level full without sums', (draft) => delete draft.prompts[0].second],
      ['level groups with counts', (draft) => (draft.level = 'groups')],
      ['c beyond n', (draft) => (draft.prompts[0].counts = [[9, 0, 0, 0, 0, '1']])],
      [
        'sums beyond 64 bits',
        (draft) => (draft.prompts[0].second = [[0, 0, '9999999999999999999', '0', '0']]),
      ],
      ['groups beyond 2^40', (draft) => (draft.firstGroup = 2 ** 40 - 5)],
      ['another sampler', (draft) => (draft.sampler = 'alias@1')],
    ];
  test.each(edits)('with a right hash but %s is refused', async (_, edit) => {
    await expect(readTallyFile(await rehashed(edit), 'a.json')).rejects.toThrow(InputError);
  });
});

describe('the CPU twin', () => {
  test('keeps the limits of the kernels', async () => {
    const problem = randomProblem({
      vocab: 512,
      horizon: 40,
      context: 'none',
      accept: { sum: { modulus: 2, residue: 0 } },
      promptCount: 1,
    });
    const job = {
      problem,
      groupSize: 1024,
      level: 'full' as const,
      seed: 1,
      drawId: 0,
      ranges: everyPrompt(problem, 0, 1),
    };
    await expect(tallyOverRange(new TwinEngine(), job)).rejects.toThrow(
      /level 'full': expected at most 64.0 MiB .* --level moments/,
    );
  });

  test.each(ORACLE_TALLIES)('prints the reference tally of %s to the last bit', async (name) => {
    const reference = oracleJson<TallyFile>(`${name}.tally.json`);
    await readTallyFile(reference, name);
    const problem = compileProblem(parseProblem(oracleText(`${name}.problem.json`), name));
    const { level, seed, experiment, groupSize, firstGroup, groupCount } = reference;
    const ranges = everyPrompt(problem, firstGroup, groupCount);
    const tally = await tallyOverRange(new TwinEngine(), {
      problem,
      groupSize,
      level,
      seed,
      drawId: experiment,
      ranges,
    });
    expect(tally).toEqual(reference);
  });
});
