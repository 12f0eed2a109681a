/** Counts of verdicts in words. */

/** "54 agree, 0 disagree, 24 inconclusive" */
export function verdictWords(checks: readonly { readonly verdict: string }[]): string {
  const count = (verdict: string): number => checks.filter((check) => check.verdict === verdict).length;
  return `${count('agree')} agree, ${count('disagree')} disagree, ${count('inconclusive')} inconclusive`;
}
