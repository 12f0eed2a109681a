/**
 * How success probability is distributed over problems, from counts: nonparametrically (Kiefer & Wolfowitz 1956; Laird 1978:
 * the maximum likelihood mixture of binomials, by accelerated EM on a grid), and as a beta distribution, with what the beta misses.
 */
import type { CountClass } from './classes.ts';

/** Chances p with their weights: a distribution over problems. */
export interface Mixture {
  /** [points], rising, from 0 to 1 */
  readonly probs: Float64Array;
  /** [points], summing to 1 */
  readonly weights: Float64Array;
  /** mean log-likelihood of a problem, up to a constant that all fits share */
  readonly logLikelihood: number;
}

export interface BetaFit {
  readonly a: number;
  readonly b: number;
  readonly logLikelihood: number;
  /** of problems: none correct, all correct; as the fit has it, and as it is */
  readonly noneCorrect: { readonly fitted: number; readonly observed: number };
  readonly allCorrect: { readonly fitted: number; readonly observed: number };
  /** largest difference between the distribution functions of correct / n, fitted and observed */
  readonly largestDifference: number;
}

/** Points of the grid between 0 and 1, evenly spaced in logit. */
const GRID_POINTS = 160;
/** Observed rates that join it, at most. */
const RATE_POINTS = 100;
/** Each of three steps of EM, the last one after a leap. */
const MOST_CYCLES = 60;
/** Share of its weight that a point keeps in a leap, at least. */
const LEAST_LEFT = 1e-3;
/** Rates of success are compared to a thousandth. */
const RATE_BINS = 1000;
/** Less weight than this changes no digit that is shown. */
export const NO_WEIGHT = 1e-14;
/** EM ends where the mean log-likelihood grows by less. */
const LEAST_GAIN = 1e-7;

/** Log-likelihood of a class at p, up to the binomial coefficient. */
function logChance({ n, correct }: CountClass, p: number): number {
  if (p === 0) return correct === 0 ? 0 : -Infinity;
  if (p === 1) return correct === n ? 0 : -Infinity;
  return correct * Math.log(p) + (n - correct) * Math.log1p(-p);
}

/** Posterior weights of the grid for each class: [classes][points]. */
export function posteriors(classes: readonly CountClass[], { probs, weights }: Mixture): Float64Array[] {
  return classes.map((entry) => {
    const logs = Float64Array.from(probs, (p) => logChance(entry, p));
    let greatest = -Infinity;
    logs.forEach((log, g) => {
      if (weights[g] > 0) greatest = Math.max(greatest, log);
    });
    const chances = logs.map((log, g) => (weights[g] > 0 ? weights[g] * Math.exp(log - greatest) : 0));
    const total = chances.reduce((sum, chance) => sum + chance, 0);
    return chances.map((chance) => chance / total);
  });
}

/** Even in logit, and the rates that occur: long runs know p more closely than any even grid. */
function gridOf(classes: readonly CountClass[]): Float64Array {
  const most = classes.reduce((greatest, { n }) => Math.max(greatest, n), 1);
  const edge = Math.log(20 * most);
  const even = Array.from(
    { length: GRID_POINTS },
    (_, g) => 1 / (1 + Math.exp(edge * (1 - (2 * g) / (GRID_POINTS - 1)))),
  );
  const rates = [...new Set(classes.map(({ n, correct }) => correct / n))].sort((a, b) => a - b);
  const step = Math.max(1, rates.length / RATE_POINTS);
  const seen = Array.from(
    { length: Math.min(rates.length, RATE_POINTS) },
    (_, i) => rates[Math.floor(i * step)],
  );
  return Float64Array.from(new Set([0, ...even, ...seen, 1])).sort();
}

export function fitMixture(classes: readonly CountClass[]): Mixture {
  const probs = gridOf(classes);
  const problemCount = classes.reduce((sum, entry) => sum + entry.problemCount, 0);
  // exp of log-likelihoods, each class relative to its own greatest on the grid.
  const logs = probs.map(Math.log);
  const complements = probs.map((p) => Math.log1p(-p));
  const peaks = new Float64Array(classes.length);
  const chances = classes.map(({ n, correct }, i) => {
    const own = new Float64Array(probs.length);
    let greatest = -Infinity;
    for (let g = 0; g < own.length; g += 1) {
      // 0 ln 0 is nothing.
      own[g] = (correct === 0 ? 0 : correct * logs[g]) + (correct === n ? 0 : (n - correct) * complements[g]);
      if (own[g] > greatest) greatest = own[g];
    }
    peaks[i] = greatest;
    for (let g = 0; g < own.length; g += 1) own[g] = Math.exp(own[g] - greatest);
    return own;
  });
  // Points of the grid that have lost all their weight take no further part: rows of chances shrink to those that have.
  let alive: Float64Array = probs.map((_, g) => g);
  let rows: Float64Array[] = chances;
  let weights = new Float64Array(alive.length).fill(1 / alive.length);
  let logLikelihood = -Infinity;
  /** One step of EM; the likelihood is that of the weights it starts from. */
  const step = (from: Float64Array): { readonly next: Float64Array<ArrayBuffer>; readonly mean: number } => {
    const next = new Float64Array(from.length);
    let sum = 0;
    for (let i = 0; i < classes.length; i += 1) {
      const { problemCount: count } = classes[i];
      const own = rows[i];
      const total = dot(own, from);
      sum += count * (Math.log(total) + peaks[i]);
      const scale = count / total / problemCount;
      for (let g = 0; g < own.length; g += 1) next[g] += own[g] * from[g] * scale;
    }
    return { next, mean: sum / problemCount };
  };
  for (let cycle = 0; cycle < MOST_CYCLES; cycle += 1) {
    const first = step(weights);
    const second = step(first.next);
    logLikelihood = second.mean;
    if (second.mean - first.mean < LEAST_GAIN) {
      weights = second.next;
      break;
    }
    const leap = leapOf(weights, first.next, second.next);
    const third = step(leap);
    // A leap too far is taken back.
    weights = third.mean >= second.mean ? third.next : second.next;
    if (cycle % 4 !== 3) continue;
    let keptCount = 0;
    for (const weight of weights) if (weight > NO_WEIGHT) keptCount += 1;
    // A few more or less are not worth a copy.
    if (keptCount > 0.8 * weights.length) continue;
    const kept = new Uint32Array(keptCount);
    for (let g = 0, place = 0; g < weights.length; g += 1) {
      if (weights[g] > NO_WEIGHT) kept[place++] = g;
    }
    rows = rows.map((own) => gathered(own, kept));
    alive = gathered(alive, kept);
    weights = gathered(weights, kept);
  }
  const all = new Float64Array(probs.length);
  alive.forEach((g, place) => (all[g] = weights[place]));
  return { probs, weights: all, logLikelihood };
}

/** Some of the values, by place: `from` with a function would walk an iterator. */
function gathered(values: Float64Array, places: Uint32Array): Float64Array<ArrayBuffer> {
  const own = new Float64Array(places.length);
  for (let i = 0; i < own.length; i += 1) own[i] = values[places[i]];
  return own;
}

/** Where two steps of EM lead on to (SQUAREM: Varadhan & Roland 2008), as weights. No point loses all of its weight by a leap. */
function leapOf(start: Float64Array, one: Float64Array, two: Float64Array): Float64Array<ArrayBuffer> {
  let [stepSq, bendSq] = [0, 0];
  for (let g = 0; g < start.length; g += 1) {
    const r = one[g] - start[g];
    const v = two[g] - one[g] - r;
    stepSq += r * r;
    bendSq += v * v;
  }
  const length = bendSq > 0 ? Math.max(1, Math.sqrt(stepSq / bendSq)) : 1;
  const leap = new Float64Array(start.length);
  let sum = 0;
  for (let g = 0; g < start.length; g += 1) {
    const r = one[g] - start[g];
    const v = two[g] - one[g] - r;
    leap[g] = Math.max(LEAST_LEFT * two[g], start[g] + 2 * length * r + length * length * v);
    sum += leap[g];
  }
  for (let g = 0; g < leap.length; g += 1) leap[g] /= sum;
  return leap;
}

/** Counts up to which products are cheaper than gamma functions. */
const MOST_PRODUCTS = 256;

/** Four sums side by side: one alone waits for each addition before the next. */
function dot(x: Float64Array, y: Float64Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = x.length & ~3;
  for (let g = 0; g < whole; g += 4) {
    a += x[g] * y[g];
    b += x[g + 1] * y[g + 1];
    c += x[g + 2] * y[g + 2];
    d += x[g + 3] * y[g + 3];
  }
  for (let g = whole; g < x.length; g += 1) a += x[g] * y[g];
  return a + b + (c + d);
}

/** log B(a + c, b + n − c)/B(a, b) of every class. */
function betaLogChances(classes: readonly CountClass[], a: number, b: number): number[] {
  const most = classes.reduce((greatest, { n }) => Math.max(greatest, n), 0);
  if (most <= MOST_PRODUCTS) {
    // Γ(x + m)/Γ(x) = x (x + 1) … (x + m − 1)
    const [ofA, ofB, ofSum] = [a, b, a + b].map((x) => {
      const logs = new Float64Array(most + 1);
      for (let m = 0; m < most; m += 1) logs[m + 1] = logs[m] + Math.log(x + m);
      return logs;
    });
    return classes.map(({ n, correct }) => ofA[correct] + ofB[n - correct] - ofSum[n]);
  }
  const start = logGamma(a + b) - logGamma(a) - logGamma(b);
  return classes.map(
    ({ n, correct }) => start + logGamma(a + correct) + logGamma(b + n - correct) - logGamma(a + b + n),
  );
}

/** Beta distribution of greatest likelihood: mean and concentration, one peak within the other. */
export function fitBeta(classes: readonly CountClass[]): BetaFit {
  const problemCount = classes.reduce((sum, entry) => sum + entry.problemCount, 0);
  const value = (logitMean: number, logSize: number): number => {
    const mean = 1 / (1 + Math.exp(-logitMean));
    const size = Math.exp(logSize);
    const logs = betaLogChances(classes, mean * size, (1 - mean) * size);
    return classes.reduce((sum, { problemCount: count }, i) => sum + count * logs[i], 0) / problemCount;
  };
  const bestMean = (logSize: number): number => peakOf((x) => value(x, logSize), -12, 12);
  const logSize = peakOf((x) => value(bestMean(x), x), -6, 10);
  const logitMean = bestMean(logSize);
  const mean = 1 / (1 + Math.exp(-logitMean));
  const size = Math.exp(logSize);
  return {
    a: mean * size,
    b: (1 - mean) * size,
    logLikelihood: value(logitMean, logSize),
    ...betaMisfit(classes, mean * size, (1 - mean) * size),
  };
}

function betaMisfit(
  classes: readonly CountClass[],
  a: number,
  b: number,
): Pick<BetaFit, 'noneCorrect' | 'allCorrect' | 'largestDifference'> {
  const problemCount = classes.reduce((sum, entry) => sum + entry.problemCount, 0);
  const share = (isCounted: (entry: CountClass) => boolean): number =>
    classes.reduce((sum, entry) => sum + (isCounted(entry) ? entry.problemCount : 0), 0) / problemCount;
  // Fitted counts of every n that occurs, weighted by how often it does, and the observed ones: by rate.
  const sizes = new Map<number, number>();
  for (const { n, problemCount: count } of classes) sizes.set(n, (sizes.get(n) ?? 0) + count / problemCount);
  const [fitted, seen] = [new Float64Array(RATE_BINS + 1), new Float64Array(RATE_BINS + 1)];
  let [none, all] = [0, 0];
  for (const [n, weight] of sizes) {
    let log = logGamma(a + b) - logGamma(b) + logGamma(b + n) - logGamma(a + b + n);
    for (let c = 0; c <= n; c += 1) {
      const chance = weight * Math.exp(log);
      if (c === 0) none += chance;
      if (c === n) all += chance;
      fitted[Math.floor((RATE_BINS * c) / n)] += chance;
      log += Math.log(((n - c) / (c + 1)) * ((a + c) / (b + n - c - 1)));
    }
  }
  for (const { n, correct, problemCount: count } of classes) {
    seen[Math.floor((RATE_BINS * correct) / n)] += count / problemCount;
  }
  let [difference, largest] = [0, 0];
  fitted.forEach((chance, bin) => {
    difference += chance - seen[bin];
    largest = Math.max(largest, Math.abs(difference));
  });
  return {
    noneCorrect: { fitted: none, observed: share(({ correct }) => correct === 0) },
    allCorrect: { fitted: all, observed: share(({ n, correct }) => correct === n) },
    largestDifference: largest,
  };
}

/** ln Γ(x), x > 0: Stirling's series (DLMF 5.11.1) from 10 on, the recurrence below. */
export function logGamma(x: number): number {
  let [y, shift] = [x, 0];
  while (y < 10) {
    shift += Math.log(y);
    y += 1;
  }
  const z = 1 / (y * y);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680)))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** Places are found to within this, of a scale of ten. */
const PLACE_TOLERANCE = 1e-7;

/** The place of the greatest value of a function with one peak: parabolas, and golden sections where they fail (Brent 1973). */
function peakOf(value: (x: number) => number, from: number, to: number): number {
  const golden = (3 - Math.sqrt(5)) / 2;
  let [low, high] = [from, to];
  let best = low + golden * (high - low);
  let [second, third] = [best, best];
  let atBest = value(best);
  let [atSecond, atThird] = [atBest, atBest];
  let [step, before] = [0, 0];
  for (let iteration = 0; iteration < 60; iteration += 1) {
    const middle = (low + high) / 2;
    if (Math.abs(best - middle) <= 2 * PLACE_TOLERANCE - (high - low) / 2) break;
    // The parabola through the three best.
    const r = (best - second) * (atBest - atThird);
    const q = (best - third) * (atBest - atSecond);
    const p = (best - third) * q - (best - second) * r;
    const scale = 2 * (q - r);
    const jump = scale === 0 ? Infinity : -p / scale;
    const goes = best + jump;
    if (
      Math.abs(before) > PLACE_TOLERANCE &&
      Math.abs(jump) < Math.abs(before) / 2 &&
      goes > low &&
      goes < high
    ) {
      [before, step] = [step, jump];
      if (goes - low < 2 * PLACE_TOLERANCE || high - goes < 2 * PLACE_TOLERANCE)
        step = Math.sign(middle - best) * PLACE_TOLERANCE;
    } else {
      before = (best < middle ? high : low) - best;
      step = golden * before;
    }
    const next = best + (Math.abs(step) >= PLACE_TOLERANCE ? step : Math.sign(step) * PLACE_TOLERANCE);
    const atNext = value(next);
    if (atNext >= atBest) {
      if (next < best) high = best;
      else low = best;
      [third, second, best] = [second, best, next];
      [atThird, atSecond, atBest] = [atSecond, atBest, atNext];
    } else {
      if (next < best) low = next;
      else high = next;
      if (atNext >= atSecond || second === best) {
        [third, second] = [second, next];
        [atThird, atSecond] = [atSecond, atNext];
      } else if (atNext >= atThird || third === best || third === second) {
        third = next;
        atThird = atNext;
      }
    }
  }
  return best;
}
