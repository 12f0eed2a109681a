/** Exact tests of whether two samples of the same size come from one law. */

/**
 * Kolmogorov-Smirnov for two samples of n each: P(D ≥ d/n) = 2 Σ_{j ≥ 1} (−1)^(j−1) C(2n, n − jd) / C(2n, n), exact where the
 * law is continuous (Gnedenko & Korolyuk 1951); with ties it is an upper bound. 0 where a value is no number.
 */
export function ksPValue(a: readonly number[], b: readonly number[]): number {
  const n = a.length;
  if (![...a, ...b].every(Number.isFinite)) return 0;
  const [x, y] = [[...a].sort((p, q) => p - q), [...b].sort((p, q) => p - q)];
  let [i, j, greatest] = [0, 0, 0];
  while (i < n && j < n) {
    const value = Math.min(x[i], y[j]);
    while (i < n && x[i] === value) i += 1;
    while (j < n && y[j] === value) j += 1;
    greatest = Math.max(greatest, Math.abs(i - j));
  }
  if (greatest === 0) return 1;
  let sum = 0;
  for (let term = 1; term * greatest <= n; term += 1) {
    // C(2n, n − m)/C(2n, n) = Π_{l < m} (n − l)/(n + l + 1)
    let logRatio = 0;
    for (let l = 0; l < term * greatest; l += 1) logRatio += Math.log((n - l) / (n + l + 1));
    sum += (term % 2 === 1 ? 2 : -2) * Math.exp(logRatio);
  }
  return Math.min(1, Math.max(0, sum));
}

/**
 * Chi-square of two samples over some categories, exact: the chance, both margins given, of a table at least as far from
 * even as the one seen (Freeman & Halton 1951).
 *
 * @param a counts by category @param b counts by category, of the same sum
 */
export function homogeneityPValue(a: readonly number[], b: readonly number[]): number {
  const used = a.map((_, i) => i).filter((i) => a[i] + b[i] > 0);
  const totals = used.map((i) => a[i] + b[i]);
  const size = a.reduce((sum, count) => sum + count, 0);
  const all = totals.reduce((sum, count) => sum + count, 0);
  const distance = (counts: readonly number[]): number =>
    counts.reduce((sum, count, i) => sum + (2 * count - totals[i]) ** 2 / totals[i], 0);
  const seen = distance(used.map((i) => a[i]));
  const logs = logFactorials(all);
  const logChoose = (n: number, k: number): number => logs[n] - logs[k] - logs[n - k];
  const whole = logChoose(all, size);
  let chance = 0;
  const visit = (index: number, left: number, counts: readonly number[], logWeight: number): void => {
    if (index === totals.length - 1) {
      if (left > totals[index]) return;
      const table = [...counts, left];
      if (distance(table) >= seen * (1 - 1e-12)) {
        chance += Math.exp(logWeight + logChoose(totals[index], left) - whole);
      }
      return;
    }
    for (let count = 0; count <= Math.min(left, totals[index]); count += 1) {
      visit(index + 1, left - count, [...counts, count], logWeight + logChoose(totals[index], count));
    }
  };
  visit(0, size, [], 0);
  return Math.min(1, chance);
}

function logFactorials(most: number): Float64Array {
  const logs = new Float64Array(most + 1);
  for (let i = 2; i <= most; i += 1) logs[i] = logs[i - 1] + Math.log(i);
  return logs;
}
