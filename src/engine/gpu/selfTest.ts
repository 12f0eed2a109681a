/** Host side of shaders/self_test.wgsl: known answers on the adapter in use, before each run. */
import randomWgsl from '../../../shaders/lib/random.wgsl?raw';
import tokenWgsl from '../../../shaders/lib/token.wgsl?raw';
import wideWgsl from '../../../shaders/lib/wide.wgsl?raw';
import selfTestWgsl from '../../../shaders/self_test.wgsl?raw';
import type { Gpu, KernelSpec } from './gpu.ts';
import { structWords, type StructSchema } from '../structs.ts';
import { withFault } from './sampling/faults.ts';
import { guideBitsFor, writeGuide } from './sampling/drawnRows.ts';
import { thresholdTablesOf } from './sampling/wholeGroups/tables.ts';
import { searchTestSpec, testedGuideBits, TESTED_SEARCHES } from './sampling/wholeGroups/searchTest.ts';
import type { SelfTestResult } from '../engine.ts';
import type { KernelFault } from '../sampler.ts';
import {
  failures,
  GENERATOR_WORDS,
  randomCases,
  tokenCases,
  tokenFailures,
  tokenRows,
} from '../selfTestCases.ts';

const WORKGROUP_SIZE = 64;

export const casesSchema: StructSchema<'case_count'> = { name: 'Cases', fields: ['case_count'] };

function spec(entryPoint: 'random_answers' | 'token_answers', fault: KernelFault | undefined): KernelSpec {
  const source = {
    label: 'self_test',
    files: [
      { name: 'self_test.wgsl', text: selfTestWgsl },
      { name: 'wide.wgsl', text: wideWgsl },
      { name: 'random.wgsl', text: randomWgsl },
      { name: 'token.wgsl', text: tokenWgsl },
    ],
  };
  return {
    source: withFault(source, fault),
    entryPoint,
    constants: { WORKGROUP_SIZE },
    inputCount: 3,
    outputCount: 1,
  };
}

/** Runs one kernel over some cases. */
async function answersOf(
  gpu: Gpu,
  kernelSpec: KernelSpec,
  inputs: readonly Uint32Array<ArrayBuffer>[],
  caseCount: number,
  wordsPerCase: number,
): Promise<Uint32Array> {
  const kernel = await gpu.compile(kernelSpec);
  const buffers = inputs.map((words, index) => gpu.upload(`self_test.input${index}`, words));
  const output = gpu.storage('self_test.words_out', caseCount * wordsPerCase);
  await gpu.run([
    {
      bound: gpu.bind(kernel, buffers, [output]),
      uniforms: structWords(casesSchema, { case_count: caseCount }),
      workgroupCount: Math.ceil(caseCount / WORKGROUP_SIZE),
    },
  ]);
  const [bytes] = await gpu.read(
    [{ buffer: output, wordFirst: 0, wordCount: caseCount * wordsPerCase }],
    'keep',
  );
  for (const buffer of [...buffers, output]) buffer.destroy();
  return new Uint32Array(bytes);
}

export async function runSelfTest(gpu: Gpu, fault?: KernelFault): Promise<SelfTestResult> {
  const random = randomCases();
  const rows = tokenRows();
  const tokens = tokenCases(rows);
  const vocab = Math.max(...rows.map(({ thresholds }) => thresholds.length));
  const guideBits = guideBitsFor(vocab, rows.length);
  const thresholds = new Uint32Array(rows.length * vocab);
  const guide = new Uint32Array(rows.length * 2 ** guideBits);
  rows.forEach((row, index) => {
    thresholds.set(row.thresholds, index * vocab);
    writeGuide(
      row.thresholds,
      row.thresholdCount,
      guide.subarray(index << guideBits, (index + 1) << guideBits),
    );
  });

  const randomWords = Uint32Array.from(random.flatMap(({ counter, key }) => [...counter, ...key]));
  const tokenWords = Uint32Array.from(tokens.flatMap(({ row, word }) => [word, row, vocab, guideBits]));
  const wordsPerRandomCase = 4 + GENERATOR_WORDS;
  const tables = [thresholds, guide];
  const randomAnswers = await answersOf(
    gpu,
    spec('random_answers', fault),
    [randomWords, ...tables],
    random.length,
    wordsPerRandomCase,
  );
  const tokenAnswers = await answersOf(
    gpu,
    spec('token_answers', fault),
    [tokenWords, ...tables],
    tokens.length,
    1,
  );
  const searchFailures: string[] = [];
  const searched = Uint32Array.from(tokens.flatMap(({ row, word }) => [word, row]));
  for (const search of TESTED_SEARCHES) {
    const own = thresholdTablesOf(rows, vocab, search, testedGuideBits(vocab));
    const answers = await answersOf(
      gpu,
      searchTestSpec(search, vocab, WORKGROUP_SIZE, fault),
      [searched, own.thresholds, own.guide],
      tokens.length,
      1,
    );
    searchFailures.push(...tokenFailures((index) => answers[index], `, search '${search}'`));
  }
  return {
    caseCount: random.length + tokens.length * (1 + TESTED_SEARCHES.length),
    failures: [
      ...failures(
        (index) =>
          Array.from(randomAnswers.subarray(index * wordsPerRandomCase, (index + 1) * wordsPerRandomCase)),
        (index) => tokenAnswers[index],
      ),
      ...searchFailures,
    ],
  };
}
