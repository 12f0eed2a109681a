/** Exit codes (contract). */
export const EXIT = {
  agrees: 0,
  /** something disagrees, or a comparison found something worse */
  disagrees: 1,
  badInput: 2,
  noGpu: 3,
  /** GPU or browser lost and not recovered */
  lost: 4,
  /** as shells have it for Ctrl-C */
  interrupted: 130,
} as const;
