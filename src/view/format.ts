/** Numbers for people. Reports keep them raw; only the edge formats. */

/** "8.4 M", "312", "1.2 G" */
export function formatCount(value: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P'];
  let unit = 0;
  let scaled = value;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(scaled) : scaled.toPrecision(3)}${units[unit]}`;
}

/** "430 ms", "12.3 s", "4 min 10 s" */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return '?';
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Four significant digits; powers of ten where zeros would hide them. */
export function formatNumber(value: number | null): string {
  if (value === null) return 'n/a';
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  return magnitude >= 1e-3 && magnitude < 1e5 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}

/** "1.0031 ± 0.0013": the standard error to two digits, the value to the same place. */
export function formatWithError(value: number, standardError: number): string {
  if (!(standardError > 0)) return formatNumber(value);
  const place = Math.floor(Math.log10(standardError)) - 1;
  if (place < -8 || place > 3) return `${formatNumber(value)} ± ${formatNumber(standardError)}`;
  const decimals = Math.max(0, -place);
  return `${value.toFixed(decimals)} ± ${standardError.toFixed(decimals)}`;
}

/** A probability; near 0 as a power of ten, near 1 as what is missing: "1e-6", "0.1", "1 - 1e-6". */
export function formatProb(prob: number): string {
  const small = (value: number): string =>
    value > 0 && value < 1e-3
      ? Number(value.toPrecision(3)).toExponential()
      : String(Number(value.toPrecision(3)));
  const rest = 1 - prob;
  return prob < 1 && rest < 1e-3 ? `1 - ${small(rest)}` : small(prob);
}

/**
 * A value with its standard error in the last digits: 0.9984(12) is 0.9984 ± 0.0012.
 *
 * @param digits of the standard error
 */
export function formatConcise(value: number, standardError: number | null, digits = 2): string {
  if (standardError === null || !(standardError > 0)) return formatNumber(value);
  let place = Math.floor(Math.log10(standardError)) - (digits - 1);
  // An error that rounds up to one digit more moves a place.
  if (Math.round(standardError / 10 ** place) >= 10 ** digits) place += 1;
  if (place < -9 || place >= 0) return `${formatNumber(value)} ± ${formatNumber(standardError)}`;
  return `${value.toFixed(-place)}(${Math.round(standardError / 10 ** place)})`;
}

/** A number of samples that must be reached: rounded up, but not by float rounding. */
export function formatSamples(samples: number): string {
  return formatNumber(Math.ceil(samples * (1 - 1e-9)));
}

/** A share in per cent with its interval: "36 % (27 – 46)". */
export function formatShare({
  value,
  low,
  high,
}: {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}): string {
  const percent = (share: number): number => Math.round(100 * share);
  return `${percent(value)} % (${percent(low)} – ${percent(high)})`;
}
