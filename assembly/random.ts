/**
 * The random words of `cdf@1`: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011) opens a stream, xoshiro128** (Blackman &
 * Vigna 2021) runs along it. Streams in lanes differ in the low word of the counter alone: they are of neighbouring groups.
 */
import {
  add,
  and,
  countingFrom,
  equal,
  get,
  multiply,
  multiplyHigh,
  or,
  put,
  rotateLeft,
  shiftLeft,
  WIDTH,
  word,
  xor,
} from './lanes';

const MULTIPLIER_0: u32 = 0xd2511f53;
const MULTIPLIER_1: u32 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;
const ROUNDS = 10;

/** Philox: writes four words of each lane, [4, lanes]. Counters and keys are given as words of the first lane. */
// @ts-ignore: decorator
@inline
export function openStreams<W>(
  out: usize,
  counter0: u32,
  counter1: u32,
  counter2: u32,
  counter3: u32,
  key0: u32,
  key1: u32,
): void {
  const multiplier0 = word<W>(MULTIPLIER_0);
  const multiplier1 = word<W>(MULTIPLIER_1);
  let c0 = countingFrom<W>(counter0);
  let c1 = word<W>(counter1);
  let c2 = word<W>(counter2);
  let c3 = word<W>(counter3);
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh<W>(multiplier0, c0);
    const low0 = multiply<W>(multiplier0, c0);
    const high1 = multiplyHigh<W>(multiplier1, c2);
    const low1 = multiply<W>(multiplier1, c2);
    c0 = xor<W>(xor<W>(high1, c1), word<W>(k0));
    c1 = low1;
    c2 = xor<W>(xor<W>(high0, c3), word<W>(k1));
    c3 = low0;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  put<W>(out, c0);
  put<W>(out + WIDTH, c1);
  put<W>(out + 2 * WIDTH, c2);
  put<W>(out + 3 * WIDTH, c3);
}

/** xoshiro128** from what Philox wrote (four zeros become 1, 0, 0, 0): writes [count, lanes] words. */
// @ts-ignore: decorator
@inline
export function writeWords<W>(state: usize, count: u32, out: usize): void {
  let a = get<W>(state);
  let b = get<W>(state + WIDTH);
  let c = get<W>(state + 2 * WIDTH);
  let d = get<W>(state + 3 * WIDTH);
  const isDead = equal<W>(or<W>(or<W>(a, b), or<W>(c, d)), word<W>(0));
  a = or<W>(a, and<W>(isDead, word<W>(1)));
  for (let i: u32 = 0; i < count; i++) {
    const five = add<W>(shiftLeft<W>(b, 2), b);
    const turned = rotateLeft<W>(five, 7);
    put<W>(out, add<W>(shiftLeft<W>(turned, 3), turned));
    out += WIDTH;
    const shifted = shiftLeft<W>(b, 9);
    c = xor<W>(c, a);
    d = xor<W>(d, b);
    b = xor<W>(b, c);
    a = xor<W>(a, d);
    c = xor<W>(c, shifted);
    d = rotateLeft<W>(d, 11);
  }
}
