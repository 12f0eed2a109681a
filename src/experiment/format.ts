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
