/**
 * Known answers for the self-test of every sampler: what `cdf@1` must give, from the definitions.
 */
import { normalise, writeMasses, writeThresholds } from '../problem/masses.ts';
import { philox4x32, type Words4 } from '../math/random/philox.ts';
import { openStream, seedKey, streamCounter } from '../math/random/stream.ts';
import { xoshiro128 } from '../math/random/xoshiro.ts';

export const GENERATOR_WORDS = 8;

/** Counter, key; expected Philox output, then the generator's first words. */
export interface RandomCase {
  readonly counter: Words4;
  readonly key: readonly [number, number];
  /** 4 + GENERATOR_WORDS words */
  readonly expected: readonly number[];
}

/** Random123's published answers (Salmon et al. 2011). */
const PUBLISHED: readonly { counter: Words4; key: readonly [number, number]; output: Words4 }[] = [
  {
    counter: [0, 0, 0, 0],
    key: [0, 0],
    output: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    output: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    output: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

/** Streams with group indices on both sides of 2^32, where a carry could be lost. */
const GROUPS = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 40 - 1];

export function randomCases(): RandomCase[] {
  const withWords = (counter: Words4, key: readonly [number, number], output: Words4): RandomCase => {
    const next = xoshiro128(output);
    return { counter, key, expected: [...output, ...Array.from({ length: GENERATOR_WORDS }, next)] };
  };
  const key = seedKey(2 ** 53 - 1);
  return [
    ...PUBLISHED.map(({ counter, key: published, output }) => withWords(counter, published, output)),
    ...GROUPS.map((group, block) => {
      const counter = streamCounter(7, 3, group, block);
      return withWords(counter, key, philox4x32(counter, key));
    }),
  ];
}

export interface TokenRow {
  readonly thresholds: Uint32Array<ArrayBuffer>;
  readonly thresholdCount: number;
}

/** A word and a row, and the token that the rule gives: the number of the row's thresholds ≤ word. */
export interface TokenCase {
  readonly row: number;
  readonly word: number;
  readonly expected: number;
}

/** Rows with zeros at the front, in the middle and at the end, with one token only, and one of 17 tokens. */
export function tokenRows(): TokenRow[] {
  const next = openStream(1, 0, 0, 0, 0);
  const weights = [
    [0, 0, 3, 1, 0, 2],
    [1, 0, 0, 5, 2, 0],
    [0, 1, 0, 0, 0, 0],
    [1, 1, 0, 0, 1, 1],
    [1],
    Array.from({ length: 17 }, () => 1 + (next() % 1000)),
  ];
  return weights.map((row) => {
    const masses = new Float64Array(row.length);
    writeMasses(normalise(row), masses);
    const thresholds = new Uint32Array(row.length);
    return { thresholds, thresholdCount: writeThresholds(masses, thresholds) };
  });
}

/** For each threshold T of each row the words T − 1, T, T + 1, and both ends of the range. */
export function tokenCases(rows: readonly TokenRow[]): TokenCase[] {
  return rows.flatMap(({ thresholds, thresholdCount }, row) => {
    const own = Array.from(thresholds.subarray(0, thresholdCount));
    const words = own.flatMap((threshold) => [threshold - 1, threshold, threshold + 1]);
    return [0, 2 ** 32 - 1, ...words]
      .filter((word) => word >= 0 && word < 2 ** 32)
      .map((word) => ({ row, word, expected: own.filter((threshold) => threshold <= word).length }));
  });
}

/** Sentences for the cases whose answers differ. */
export function failures(
  randomAnswers: (index: number) => readonly number[],
  tokenAnswer: (index: number) => number,
): string[] {
  const found: string[] = [];
  randomCases().forEach(({ counter, expected }, index) => {
    const answer = randomAnswers(index);
    const wrong = expected.findIndex((word, i) => word !== answer[i]);
    if (wrong >= 0) {
      found.push(
        `random words of counter [${counter.join(', ')}]: word ${wrong} is ${answer[wrong]}, expected ${expected[wrong]}`,
      );
    }
  });
  return [...found, ...tokenFailures(tokenAnswer, '')];
}

/** @param where what answered, where there are several */
export function tokenFailures(tokenAnswer: (index: number) => number, where: string): string[] {
  return tokenCases(tokenRows()).flatMap(({ row, word, expected }, index) => {
    const answer = tokenAnswer(index);
    return answer === expected
      ? []
      : [`token of word ${word} in row ${row}${where}: ${answer}, expected ${expected}`];
  });
}
