/**
 * exp and log from IEEE additions, multiplications and divisions alone.
 *
 * Everything that decides a policy's integer masses (softmax, workload generators, bisection) uses these two and
 * never `Math.exp` or `Math.log`: engines may round those differently, and one differing bit in a mass would be
 * another policy. Accuracy is about one unit in the last place, which is all that is promised; what is guaranteed
 * is that every host gives the same bits.
 */

/** ln 2 in two parts: the high part has 21 trailing zero bits, so `k * LN2_HIGH` is exact for |k| < 2^11. */
const LN2_HIGH = 0.693147180369123816490173339844;
const LN2_LOW = 1.90821492927058770002e-10;

/**
 * Coefficients of z² in z coth(z/2) = 2 Σ B_2j z^2j / (2j)! (Bernoulli numbers; Abramowitz & Stegun 4.5.67 halved),
 * from j = 1. On |z| ≤ ln(2)/2 the first term left out is below 1e-21.
 */
const Z_COTH_HALF_Z = [
  1 / 6,
  -1 / 360,
  1 / 15120,
  -1 / 604800,
  1 / 23950080,
  -691 / 653837184000,
  1 / 37362124800,
  -3617 / 5335311421440000,
];

/** 2^0 .. 2^30 by doubling: exact without a call to pow. */
const POWER_OF_TWO = [1];
for (let exponent = 1; exponent <= 30; exponent += 1) POWER_OF_TWO.push(2 * POWER_OF_TWO[exponent - 1]);

/** Multiplies by 2^exponent in steps that are exact unless the result itself is subnormal. */
function scaleByPowerOfTwo(value: number, exponent: number): number {
  let scaled = value;
  for (let left = exponent; left > 0; left -= 30) scaled *= POWER_OF_TWO[Math.min(left, 30)];
  for (let left = -exponent; left > 0; left -= 30) scaled /= POWER_OF_TWO[Math.min(left, 30)];
  return scaled;
}

/**
 * e^x, the same bits on every host.
 *
 *   x = k ln 2 + z, |z| ≤ ln(2)/2;   e^z = 1 + 2z / (z coth(z/2) − z)
 *
 * @param x any finite number or ±Infinity
 */
export function portableExp(x: number): number {
  if (x > 709.782712893384) return Infinity;
  if (x < -745.133219101942) return 0;
  const k = Math.floor(x / LN2_HIGH + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const z = high - low;
  const zz = z * z;
  let series = 0;
  for (let j = Z_COTH_HALF_Z.length - 1; j >= 0; j -= 1) series = zz * (Z_COTH_HALF_Z[j] + series);
  // 2z / (2 + series − z), written so that the large terms high and 1 are added last.
  const t = z - series;
  const expZ = 1 - (low - (z * t) / (2 - t) - high);
  return scaleByPowerOfTwo(expZ, k);
}

/**
 * Natural logarithm, the same bits on every host.
 *
 *   x = 2^e m, √½ ≤ m < √2;   ln m = 2 artanh(s) = 2 Σ s^(2j+1)/(2j+1), s = (m−1)/(m+1)
 *
 * @param x ≥ 0; ln 0 is −Infinity
 */
export function portableLog(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  let mantissa = x;
  let exponent = 0;
  while (mantissa >= POWER_OF_TWO[30]) {
    mantissa /= POWER_OF_TWO[30];
    exponent += 30;
  }
  while (mantissa < 1 / POWER_OF_TWO[30]) {
    mantissa *= POWER_OF_TWO[30];
    exponent -= 30;
  }
  while (mantissa >= Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent -= 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const ss = s * s;
  let series = 0;
  for (let odd = 25; odd >= 3; odd -= 2) series = ss * (1 / odd + series);
  return exponent * LN2_HIGH + (2 * s + (2 * s * series + exponent * LN2_LOW));
}
