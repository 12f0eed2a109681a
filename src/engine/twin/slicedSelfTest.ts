/** Known answers of the twin's `sliced@1`: random words, and tokens at every threshold, put into planes and taken out again. */
import { planesUpFront, WORD_BITS } from '../../math/random/slicedStream.ts';
import { philox4x32 } from '../../math/random/philox.ts';
import { xoshiro128 } from '../../math/random/xoshiro.ts';
import type { SelfTestResult } from '../engine.ts';
import type { KernelFault } from '../sampler.ts';
import { failures, GENERATOR_WORDS, randomCases, tokenCases, tokenRows } from '../selfTestCases.ts';
import { drawWords } from './slicedDraws.ts';
import { tokenOfWord } from './tokenRule.ts';

export function slicedSelfTest(fault?: KernelFault): SelfTestResult {
  const random = randomCases();
  const rows = tokenRows();
  const cases = tokenCases(rows);
  // `<` for `<=` in integers: the word before.
  const shift = fault === 'strict-threshold' ? 1 : 0;
  return {
    caseCount: random.length + cases.length,
    failures: failures(
      (index) => {
        const output = philox4x32(random[index].counter, random[index].key);
        return [...output, ...Array.from({ length: GENERATOR_WORDS }, xoshiro128(output))];
      },
      (index) => {
        const { word, row } = cases[index];
        let depth = 0;
        // All lanes have the same bits.
        const plane = (): number => (((word - shift) >>> (WORD_BITS - ++depth)) & 1 ? 2 ** 32 - 1 : 0);
        const [drawn] = drawWords(plane, rows[row], planesUpFront(rows[row].thresholds.length));
        return tokenOfWord(drawn, rows[row]);
      },
    ),
  };
}
