/** `passk-bench/theory`: exact theory of a problem, the catalogue of estimators, and what a table of weights estimates. */
export { InputError } from '../../src/input/inputError.ts';
export { passAtK, passAtKGap, passAtKWeight, unbiasedPassAtK } from '../../src/math/passAtK.ts';
export {
  compileProblem,
  problemSha256,
  type Problem,
  type ProblemSource,
  type Prompt,
} from '../../src/problem/problem.ts';
export { parseProblem, validateProblem } from '../../src/problem/problemFile.ts';
export { solvePrompt, type PromptTheory } from '../../src/theory/promptTheory.ts';
export {
  signalToNoise,
  totalVariance,
  varianceSplit,
  weightMoments,
  type VarianceSplit,
  type WeightMoments,
} from '../../src/theory/estimatorTheory.ts';
export { oracleMinimumVariance } from '../../src/theory/oracleMinimum.ts';
export { estimators, type Estimator } from '../../src/estimators/estimators.ts';
export { findEstimator, readEstimator } from '../../src/estimators/estimatorSpec.ts';
export {
  exactWeights,
  tableFromWeights,
  weightTable,
  type WeightTable,
} from '../../src/estimators/weightTables.ts';
export { identifyTable, type TableIdentity } from '../../src/identify/identify.ts';
export { readOwnEstimators } from '../../src/identify/readOwn.ts';
export type { OwnEstimator } from '../../src/identify/ownEstimator.ts';
export { theoryAnswer, type TheoryAnswer, type TheoryRequest } from '../../src/theory/theoryAnswer.ts';
export { weightRows, type WeightRow } from '../../src/identify/weightRows.ts';
