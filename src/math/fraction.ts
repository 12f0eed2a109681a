/**
 * Exact fractions of big integers, and binomial coefficients.
 *
 * Estimator weights are ratios of binomial coefficients. Kept exact, "this weight is zero" is a fact and not a
 * comparison of rounded numbers, and differences of weights lose nothing. Fractions are not reduced until printed.
 */

/** numerator / denominator, denominator > 0. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** @throws RangeError for a zero denominator */
export function fraction(numerator: bigint | number, denominator: bigint | number = 1n): Fraction {
  const n = BigInt(numerator);
  const d = BigInt(denominator);
  if (d === 0n) throw new RangeError('denominator: expected a nonzero integer, got 0');
  return d < 0n ? { numerator: -n, denominator: -d } : { numerator: n, denominator: d };
}

export const ZERO = fraction(0n);

export function subtract(a: Fraction, b: Fraction): Fraction {
  if (a.denominator === b.denominator) return fraction(a.numerator - b.numerator, a.denominator);
  return fraction(a.numerator * b.denominator - b.numerator * a.denominator, a.denominator * b.denominator);
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return 4 * (hex.length - 1) + (32 - Math.clz32(parseInt(hex[0], 16)));
}

/** The nearest float64 (ties to even), for results in the normal range. */
export function toNumber({ numerator, denominator }: Fraction): number {
  if (numerator === 0n) return 0;
  const magnitude = numerator < 0n ? -numerator : numerator;
  const sign = numerator < 0n ? -1 : 1;
  if (magnitude < 2n ** 53n && denominator < 2n ** 53n) return Number(numerator) / Number(denominator);
  // A quotient of 64 or 65 bits with its remainder folded into the last bit rounds once, in Number().
  const shift = 64 - (bitLength(magnitude) - bitLength(denominator));
  const scaledNumerator = shift > 0 ? magnitude << BigInt(shift) : magnitude;
  const scaledDenominator = shift < 0 ? denominator << BigInt(-shift) : denominator;
  const quotient = scaledNumerator / scaledDenominator;
  const sticky = quotient * scaledDenominator === scaledNumerator ? 0n : 1n;
  const rounded = Number(quotient | sticky);
  // 2^-shift may itself be out of range where the result is not: apply it in two halves.
  const half = Math.trunc(shift / 2);
  return sign * rounded * 2 ** -half * 2 ** -(shift - half);
}

/** Lowest terms, as "3/28", "-1/4" or "2". */
export function fractionText({ numerator, denominator }: Fraction): string {
  let a = numerator < 0n ? -numerator : numerator;
  let b = denominator;
  while (b !== 0n) [a, b] = [b, a % b];
  const n = numerator / a;
  const d = denominator / a;
  return d === 1n ? `${n}` : `${n}/${d}`;
}

const binomialRows = new Map<number, readonly bigint[]>();

function binomialRow(n: number): readonly bigint[] {
  const cached = binomialRows.get(n);
  if (cached) return cached;
  const row = [1n];
  for (let k = 1; k <= n; k += 1) row.push((row[k - 1] * BigInt(n - k + 1)) / BigInt(k));
  binomialRows.set(n, row);
  return row;
}

/** C(n, k); 0 where k < 0 or k > n, as counting asks. n ≥ 0. */
export function choose(n: number, k: number): bigint {
  return k < 0 || k > n ? 0n : binomialRow(n)[k];
}

/** ρ(n, c, k) = 1 − C(n−c, k) / C(n, k), exact; the chance that k of n samples without replacement hold a success. */
export function exactPassAtK(sampleCount: number, correctCount: number, k: number): Fraction {
  const all = choose(sampleCount, k);
  return fraction(all - choose(sampleCount - correctCount, k), all);
}
