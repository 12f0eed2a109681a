/**
 * Everything exact about one prompt that does not depend on an estimator: J1, its gradient, and the moments of the
 * score of a correct and of a wrong trajectory, per coordinate and along the gradient.
 *
 * The score is s = ∇ log π(y): for each visited row, onehot(token) − π(·|row). With μ_r = E[s | r],
 *   p μ_1 + q μ_0 = 0,   ∇J1 = p μ_1 = −q μ_0,   F_r = E[|s|² | r],   v_r = F_r − |μ_r|² ≥ 0.
 */
import { TOTAL_MASS } from '../problem/masses.ts';
import { outcomeChain, outcomeVisits, type Visits } from '../problem/outcome.ts';
import type { Problem, Prompt } from '../problem/problem.ts';
import { reachableLayers, type Reach } from '../problem/reach.ts';

/** Moments of s·y over the trajectories of one outcome, for a fixed direction y. */
export interface AlongMoments {
  readonly mean: number;
  readonly variance: number;
  readonly least: number;
  readonly greatest: number;
}

/** Score moments of the trajectories of one outcome; null in `PromptTheory` where the outcome is impossible. */
export interface OutcomeMoments {
  readonly visits: Visits;
  /** F_r = E[|s|² | r] */
  readonly scoreNormSq: number;
  /** v_r = trace of Cov[s | r] */
  readonly scoreVariance: number;
  /** [rowCount, vocab], Var[s_j | r] */
  readonly coordinateVariance: Float64Array;
  /** E[s·g | r] */
  readonly alongMean: number;
  /** Var[s·g | r] */
  readonly alongVariance: number;
  /** least and greatest s·g of any such trajectory */
  readonly alongMin: number;
  readonly alongMax: number;
  /** chance that two independent such trajectories differ */
  readonly differenceProb: number;
}

export interface PromptTheory {
  /** p = J1 */
  readonly successProb: number;
  /** q = 1 − J1, from its own sweep: full relative precision where p is near 1 */
  readonly failureProb: number;
  /** [rowCount, vocab], g = ∇J1 with respect to the logits */
  readonly gradient: Float64Array;
  /** |g|² */
  readonly gradientNormSq: number;
  /** [rowCount, vocab], g / min(p, q): the mean score of the rarer outcome up to its sign, of ordinary size whatever p is */
  readonly direction: Float64Array;
  readonly correct: OutcomeMoments | null;
  readonly wrong: OutcomeMoments | null;
}

/**
 * Solves a prompt by dynamic programming over (context, verifier state): time and memory are proportional to the
 * reachable edges, never to the V^T trajectories.
 *
 * @throws InputError if the prompt has too many reachable states (reach.ts)
 */
export function solvePrompt(problem: Problem, prompt: Prompt): PromptTheory {
  const reach = reachableLayers(problem, prompt);
  const successors = reach.layers.slice(0, -1).map((_, t) => reach.successors(t));
  const [wrong, correct] = ([0, 1] as const).map((outcome) => {
    const chain = outcomeChain(problem, prompt, reach, successors, outcome);
    if (!chain.possible) return { prob: 0, conditioned: null };
    const transitions = successors.map((_, t) => chain.transitions(t));
    const visits = outcomeVisits(problem, reach, successors, transitions);
    return { prob: chain.prob, conditioned: { transitions, visits } };
  });
  const p = correct.prob;
  const q = wrong.prob;
  const direction = gradientDirection(
    problem,
    prompt,
    p,
    q,
    correct.conditioned?.visits,
    wrong.conditioned?.visits,
  );
  const gradient = direction.map((mean) => Math.min(p, q) * mean);
  const gradientNormSq = gradient.reduce((sum, g) => sum + g * g, 0);
  const moments = (outcome: typeof wrong, meanFactor: number): OutcomeMoments | null => {
    if (!outcome.conditioned) return null;
    const { transitions, visits } = outcome.conditioned;
    const coordinateVariance = scoreVariances(problem, prompt, visits);
    const scoreVariance = coordinateVariance.reduce((sum, value) => sum + value, 0);
    const along = momentsAlong(
      problem,
      reach,
      successors,
      transitions,
      centredGains(problem, prompt, gradient),
    );
    return {
      visits,
      scoreNormSq: scoreVariance + scoreMeanNormSq(problem, prompt, visits),
      scoreVariance,
      coordinateVariance,
      // s·g has mean μ_r·g = |g|²/p or −|g|²/q exactly; the sweep's own mean carries its rounding.
      alongMean: Number.isFinite(meanFactor) ? meanFactor * gradientNormSq : along.mean,
      alongVariance: along.variance,
      alongMin: along.least,
      alongMax: along.greatest,
      differenceProb: along.differenceProb,
    };
  };
  return {
    successProb: p,
    failureProb: q,
    gradient,
    gradientNormSq,
    direction,
    correct: moments(correct, 1 / p),
    wrong: moments(wrong, -1 / q),
  };
}

/**
 * The law of s·y given each outcome, for any direction y; null where the outcome is impossible.
 *
 * @param direction y: [rowCount, vocab]
 */
export function scoreAlong(
  problem: Problem,
  prompt: Prompt,
  direction: Float64Array,
): { readonly correct: AlongMoments | null; readonly wrong: AlongMoments | null } {
  const reach = reachableLayers(problem, prompt);
  const successors = reach.layers.slice(0, -1).map((_, t) => reach.successors(t));
  const [wrong, correct] = ([0, 1] as const).map((outcome): AlongMoments | null => {
    const chain = outcomeChain(problem, prompt, reach, successors, outcome);
    if (!chain.possible) return null;
    const transitions = successors.map((_, t) => chain.transitions(t));
    return momentsAlong(problem, reach, successors, transitions, centredGains(problem, prompt, direction));
  });
  return { correct, wrong };
}

/** E[s_j | r] = a_r(t,u,v) − a_r(t,u) π(v) */
function scoreMean(problem: Problem, prompt: Prompt, visits: Visits): Float64Array {
  return visits.token.map((taken, cell) => {
    return taken - visits.row[Math.floor(cell / problem.vocab)] * (prompt.masses[cell] / TOTAL_MASS);
  });
}

function scoreMeanNormSq(problem: Problem, prompt: Prompt, visits: Visits): number {
  return scoreMean(problem, prompt, visits).reduce((sum, mean) => sum + mean * mean, 0);
}

/** g / min(p, q) from g = p μ_1 = −q μ_0: the rarer outcome's mean score is large where the other's is a small difference. */
function gradientDirection(
  problem: Problem,
  prompt: Prompt,
  p: number,
  q: number,
  correct: Visits | undefined,
  wrong: Visits | undefined,
): Float64Array {
  if (!correct || !wrong) return new Float64Array(problem.rowCount * problem.vocab);
  return p <= q
    ? scoreMean(problem, prompt, correct)
    : scoreMean(problem, prompt, wrong).map((mean) => -mean);
}

/**
 * Var[s_j | r] without a difference of squares. A trajectory is in row (t,u) with chance a, and there takes v with
 * chance ρ = a(v)/a; s_j is 1−π or −π in the row and 0 outside, so
 *   Var = a ρ(1−ρ) + a(1−a)(ρ−π)².
 */
function scoreVariances(problem: Problem, prompt: Prompt, visits: Visits): Float64Array {
  const { vocab } = problem;
  const variances = new Float64Array(visits.token.length);
  visits.row.forEach((inRow, row) => {
    if (inRow === 0) return;
    const outside = Math.max(0, 1 - inRow);
    for (let v = 0; v < vocab; v += 1) {
      const cell = row * vocab + v;
      const rate = visits.token[cell] / inRow;
      const others = Math.max(0, 1 - rate);
      const offset = rate - prompt.masses[cell] / TOTAL_MASS;
      variances[cell] = inRow * (rate * others + outside * offset * offset);
    }
  });
  return variances;
}

/**
 * The law of what a trajectory of a chain gains, and the chance that two of them differ: one backward sweep.
 *
 * @param transitions [T][nodes, vocab] of the chain
 * @param gains [rowCount, vocab], added up over the cells that a trajectory takes
 */
export function momentsAlong(
  { vocab, horizon }: Problem,
  reach: Reach,
  successors: readonly Int32Array[],
  transitions: readonly Float64Array[],
  gains: Float64Array,
): AlongMoments & { readonly differenceProb: number } {
  const lastCount = reach.layers[horizon].state.length;
  let mean = new Float64Array(lastCount);
  let variance = new Float64Array(lastCount);
  let least = new Float64Array(lastCount);
  let greatest = new Float64Array(lastCount);
  let difference = new Float64Array(lastCount);
  for (let t = horizon - 1; t >= 0; t -= 1) {
    const { row } = reach.layers[t];
    const here = [0, 1, 2, 3, 4].map(() => new Float64Array(row.length));
    for (let node = 0; node < row.length; node += 1) {
      let nodeMean = 0;
      let low = Infinity;
      let high = -Infinity;
      for (let v = 0; v < vocab; v += 1) {
        const chance = transitions[t][node * vocab + v];
        if (chance === 0) continue;
        const target = successors[t][node * vocab + v];
        const gain = gains[row[node] * vocab + v];
        nodeMean += chance * (gain + mean[target]);
        low = Math.min(low, gain + least[target]);
        high = Math.max(high, gain + greatest[target]);
      }
      if (low === Infinity) continue;
      let nodeVariance = 0;
      let nodeDifference = 0;
      for (let v = 0; v < vocab; v += 1) {
        const chance = transitions[t][node * vocab + v];
        if (chance === 0) continue;
        const target = successors[t][node * vocab + v];
        const offset = gains[row[node] * vocab + v] + mean[target] - nodeMean;
        nodeVariance += chance * (variance[target] + offset * offset);
        nodeDifference += chance * (Math.max(0, 1 - chance) + chance * difference[target]);
      }
      here[0][node] = nodeMean;
      here[1][node] = nodeVariance;
      here[2][node] = low;
      here[3][node] = high;
      here[4][node] = nodeDifference;
    }
    [mean, variance, least, greatest, difference] = here;
  }
  return {
    mean: mean[0],
    variance: variance[0],
    least: least[0],
    greatest: greatest[0],
    differenceProb: difference[0],
  };
}

/** x(t,u,v) = g_v − Σ_w π_w g_w: what taking token v there adds to s·g. */
export function centredGains(problem: Problem, prompt: Prompt, direction: Float64Array): Float64Array {
  const { vocab, rowCount } = problem;
  const gains = new Float64Array(direction.length);
  for (let row = 0; row < rowCount; row += 1) {
    let mean = 0;
    for (let cell = row * vocab; cell < (row + 1) * vocab; cell += 1) {
      mean += (prompt.masses[cell] / TOTAL_MASS) * direction[cell];
    }
    for (let cell = row * vocab; cell < (row + 1) * vocab; cell += 1) gains[cell] = direction[cell] - mean;
  }
  return gains;
}
