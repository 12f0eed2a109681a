/**
 * "An update on a batch without M2 never lowers the mass of M1", decided over all batches. Given c, the update is linear in which
 * trajectories the batch holds, so to first order the worst batch holds one trajectory of M1 c times and one wrong
 * one n − c times: those are all tried, exactly. At a finite step they are tried too; there a mixed batch might be worse.
 */
import { paramCount } from '../../engine/training.ts';
import type { CaseSet } from './cases.ts';
import type { WorstBatch } from './result.ts';
import type { PolicyEvaluator } from '../../theory/trainedPolicy.ts';
import type { WeightTable } from '../../estimators/weightTables.ts';
import type { Mode } from '../../problem/modes.ts';
import type { CaseTheory } from './cases.ts';

export interface CasePolicy {
  /** [T][V] */
  readonly rows: readonly (readonly number[])[];
  readonly mode: Mode;
  readonly rareMode: Mode;
}

/** The worst to first order, and the worst at the finite step. */
export function worstBatches(
  rule: WeightTable,
  { problem, cases }: CaseSet,
  promptIndex: number,
  theory: CaseTheory,
  evaluator: PolicyEvaluator,
  learningRate: number,
): { readonly smallStep: WorstBatch; readonly finiteStep: WorstBatch } {
  const { n } = rule;
  const { rows, mode, rareMode } = cases[promptIndex];
  const vocab = rows[0].length;
  const cells = rows.length * vocab;
  const listed = new Set([...mode, ...rareMode].map(String));
  const isPossible = (sequence: readonly number[]): boolean =>
    sequence.every((token, t) => rows[t][token] > 0);
  const correct = mode.filter(isPossible);
  const wrong = trajectories(vocab, rows.length).filter(
    (sequence) => isPossible(sequence) && !listed.has(String(sequence)),
  );
  const theta = new Float64Array(paramCount(problem));
  const own = theta.subarray(promptIndex * cells, (promptIndex + 1) * cells);
  const nothing: WorstBatch = { words: 'none', firstOrder: Infinity, change: Infinity };
  let [smallStep, finiteStep] = [nothing, nothing];
  for (let c = 0; c <= n; c += 1) {
    for (const a of c > 0 ? correct : [null]) {
      for (const b of c < n ? wrong : [null]) {
        own.fill(0);
        if (a) addScore(own, rows, a, c * rule.correct[c] * learningRate);
        if (b) addScore(own, rows, b, (n - c) * rule.wrong[c] * learningRate);
        const firstOrder = own.reduce((sum, x, j) => sum + x * theory.mode.gradient[j], 0) / learningRate;
        const change = evaluator.evaluate(promptIndex, theta).modeProbs[0] - theory.mode.successProb;
        if (firstOrder >= smallStep.firstOrder && change >= finiteStep.change) continue;
        const parts = [a && `${c} x (${a.join(' ')}) of M1`, b && `${n - c} x (${b.join(' ')}) wrong`];
        const batch: WorstBatch = { words: parts.filter(Boolean).join(', '), firstOrder, change };
        if (firstOrder < smallStep.firstOrder) smallStep = batch;
        if (change < finiteStep.change) finiteStep = batch;
      }
    }
  }
  return { smallStep, finiteStep };
}

function addScore(
  theta: Float64Array,
  rows: readonly (readonly number[])[],
  sequence: readonly number[],
  weight: number,
): void {
  sequence.forEach((token, t) => {
    rows[t].forEach(
      (policy, v) => (theta[t * rows[t].length + v] += weight * ((v === token ? 1 : 0) - policy)),
    );
  });
}

function trajectories(vocab: number, horizon: number): number[][] {
  return Array.from({ length: vocab ** horizon }, (_, code) =>
    Array.from({ length: horizon }, (_token, t) => Math.floor(code / vocab ** t) % vocab),
  );
}
