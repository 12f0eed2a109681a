/** A model's checkpoints in order: what becomes of pass@1, pass@k, the gap between them, and the problems it could solve. */
import { evaluationName, type Evaluation } from './evaluation.ts';
import type { Pair } from './pairs.ts';

export interface CheckpointRow {
  readonly checkpoint: string;
  readonly passAt1: number;
  readonly passAtK: number;
  readonly gap: number;
  readonly solvedCount: number;
  /** of the problems solved at the first checkpoint, those not solved at this one; and the other way round */
  readonly lost: number;
  readonly gained: number;
}

export interface CheckpointSeries {
  readonly model: string;
  /** least n of all checkpoints */
  readonly k: number;
  readonly rows: readonly CheckpointRow[];
  readonly collapse: 'yes' | 'no' | 'not resolved';
  readonly finding: string;
}

/**
 * @param passAt pass@k of an evaluation
 * @param ends the pair of the first and the last checkpoint
 */
export function checkpointSeries(
  model: string,
  evaluations: readonly Evaluation[],
  k: number,
  passAt: (evaluation: Evaluation, k: number) => number,
  ends: Pair,
): CheckpointSeries {
  const [first] = evaluations;
  const rows = evaluations.map((evaluation): CheckpointRow => {
    const [passAt1, passAtK] = [passAt(evaluation, 1), passAt(evaluation, k)];
    let [solvedCount, lost, gained] = [0, 0, 0];
    for (const [problem, { correct }] of evaluation.problems) {
      const before = first.problems.get(problem);
      if (correct > 0) solvedCount += 1;
      if (!before) continue;
      if (before.correct > 0 && correct === 0) lost += 1;
      if (before.correct === 0 && correct > 0) gained += 1;
    }
    return {
      checkpoint: evaluation.checkpoint ?? '',
      passAt1,
      passAtK,
      gap: passAtK - passAt1,
      solvedCount,
      lost,
      gained,
    };
  });
  const last = rows[rows.length - 1];
  // Differences are of the first less the last.
  const [atOne, atK] = [ends.difference['1'], ends.difference[String(k)]];
  const rises = atOne.high < 0;
  const falls = atK.low > 0;
  const collapse = rises && falls ? 'yes' : atK.low > 0 || atK.high < 0 || !rises ? 'no' : 'not resolved';
  const change = (from: number, to: number): string => `${from.toFixed(3)} to ${to.toFixed(3)}`;
  const verdict = {
    yes: `exploration collapses: pass@1 rises and pass@${k} falls, both beyond their intervals`,
    no: falls
      ? `pass@${k} falls, but not against a rise of pass@1`
      : 'no collapse: pass@k does not fall beyond its interval while pass@1 rises',
    'not resolved': `pass@1 rises; whether pass@${k} falls is not resolved with so many problems`,
  }[collapse];
  return {
    model,
    k,
    rows,
    collapse,
    finding:
      `${model}, ${evaluationName(first)} to ${evaluationName(evaluations[evaluations.length - 1])}: pass@1 ${change(rows[0].passAt1, last.passAt1)}, ` +
      `pass@${k} ${change(rows[0].passAtK, last.passAtK)}, gap ${change(rows[0].gap, last.gap)}; ${last.lost} problems lost, ${last.gained} gained; ${verdict}`,
  };
}
