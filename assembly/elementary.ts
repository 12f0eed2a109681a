/**
 * exp and log in float32, by IEEE operations alone: the same bits on every machine. Each is within three units in the last
 * place, which the series' remainders and the roundings of the last steps add up to; tests hold them against float64.
 */
import {
  add,
  and,
  bitsOf,
  choose,
  greater,
  minus,
  over,
  plus,
  real,
  realOf,
  rounded,
  shiftLeft,
  shiftRight,
  times,
  toReal,
  toWord,
  word,
} from './lanes';

/** ln 2 in two parts, the first with few bits: its products with small integers are exact (Cody & Waite 1980). */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const INVERSE_LN2: f32 = 1.44269504;
/** exp of less is taken as exp of this: 1e-38, still a normal number */
const LEAST_EXPONENT: f32 = -87;
const EXPONENT_BIAS: u32 = 127;
const MANTISSA_BITS = 23;

/** exp x for x ≤ 0: 2^k exp r with |r| ≤ ½ ln 2, and Taylor's series of exp r to r^7 (remainder 6e-9). */
// @ts-ignore: decorator
@inline
export function expOf<R, W>(x: R): R {
  const least = real<R>(LEAST_EXPONENT);
  const bounded = choose<R, W>(greater<R, W>(x, least), x, least);
  const k = rounded<R>(times<R>(bounded, real<R>(INVERSE_LN2)));
  const r = minus<R>(minus<R>(bounded, times<R>(k, real<R>(LN2_HIGH))), times<R>(k, real<R>(LN2_LOW)));
  let sum = real<R>(1.0 / 5040.0);
  sum = plus<R>(times<R>(sum, r), real<R>(1.0 / 720.0));
  sum = plus<R>(times<R>(sum, r), real<R>(1.0 / 120.0));
  sum = plus<R>(times<R>(sum, r), real<R>(1.0 / 24.0));
  sum = plus<R>(times<R>(sum, r), real<R>(1.0 / 6.0));
  sum = plus<R>(times<R>(sum, r), real<R>(0.5));
  // 1 + (r + r² sum): the small part is whole before the 1 rounds it.
  sum = plus<R>(real<R>(1), plus<R>(r, times<R>(times<R>(r, r), sum)));
  // k lies in −126 .. 0.
  const biased = toWord<R, W>(plus<R>(k, real<R>(f32(EXPONENT_BIAS))));
  return times<R>(sum, realOf<W, R>(shiftLeft<W>(biased, MANTISSA_BITS)));
}

/** log x for a normal x > 0: k ln 2 + 2 artanh s with s = (m − 1) / (m + 1), m in [√½, √2), |s| ≤ .172, to s^9. */
// @ts-ignore: decorator
@inline
export function logOf<R, W>(x: R): R {
  // Moved so that the exponent's field changes at √½ and not at 1.
  const moved = add<W>(bitsOf<R, W>(x), word<W>(0x3f800000 - 0x3f3504f3));
  const exponent = minus<R>(toReal<W, R>(shiftRight<W>(moved, MANTISSA_BITS)), real<R>(f32(EXPONENT_BIAS)));
  const mantissa = add<W>(and<W>(moved, word<W>(0x007fffff)), word<W>(0x3f3504f3));
  const m = realOf<W, R>(mantissa);
  const s = over<R>(minus<R>(m, real<R>(1)), plus<R>(m, real<R>(1)));
  const square = times<R>(s, s);
  let sum = real<R>(2.0 / 9.0);
  sum = plus<R>(times<R>(sum, square), real<R>(2.0 / 7.0));
  sum = plus<R>(times<R>(sum, square), real<R>(2.0 / 5.0));
  sum = plus<R>(times<R>(sum, square), real<R>(2.0 / 3.0));
  const own = plus<R>(times<R>(real<R>(2), s), times<R>(times<R>(s, square), sum));
  return plus<R>(times<R>(exponent, real<R>(LN2_HIGH)), plus<R>(times<R>(exponent, real<R>(LN2_LOW)), own));
}
