/** Exit codes (contract). */
export const EXIT = {
  agrees: 0,
  /** something disagrees, or a comparison found something worse */
  disagrees: 1,
  badInput: 2,
  noGpu: 3,
  /** GPU or browser lost and not recovered */
  lost: 4,
  /** an error that nobody foresaw */
  unforeseen: 70,
  /** stopped by INT, TERM or HUP */
  interrupted: 130,
} as const;
