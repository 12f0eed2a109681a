/** What a screen with charts says of each claim beside its verdict: the charts, how it was measured, what would refute it. */
import { cosineFigure } from '../../experiments/aggregate/figures.ts';
import {
  discoveryFigure,
  gapFigure as trainingGapFigure,
  keptFigure,
  massFigure,
} from '../../experiments/collapse/figures.ts';
import { crossoverFigure } from '../../experiments/crossover/figures.ts';
import { slopesFigure } from '../../experiments/relation/figures.ts';
import { silenceFigure } from '../../experiments/signal/figures.ts';
import { gapFigure } from '../../experiments/temperature/figures.ts';
import { costFigure, endFigures, varianceFigure } from '../../experiments/variance/figures.ts';
import type { Choice, Chooser, Figure, LineChart } from '../../view/section.ts';
import type { ClaimId } from './claims.ts';
import type { Shown } from './shown.ts';

/** A figure that knows where its data lie. Without any it draws what exact theory alone gives, or nothing. */
export interface ClaimFigure {
  readonly id: string;
  readonly choosers: (shown: Shown) => readonly Chooser[];
  /** null where it needs results that are not there */
  readonly draw: (shown: Shown, choice: Choice) => LineChart | null;
}

function from<Name extends keyof Shown>(
  name: Name,
  figure: Figure<NonNullable<Shown[Name]>>,
  without: NonNullable<Shown[Name]> | null = null,
): ClaimFigure {
  const data = (shown: Shown): NonNullable<Shown[Name]> | null => shown[name] ?? without;
  return {
    id: figure.id,
    choosers: (shown) => {
      const found = data(shown);
      return found ? figure.choosers(found) : [];
    },
    draw: (shown, choice) => {
      const found = data(shown);
      return found && figure.draw(found, choice);
    },
  };
}

export interface ClaimPage {
  readonly id: ClaimId;
  /** its place in the paper, or a letter for ours */
  readonly place: string;
  /** at most seven words */
  readonly name: string;
  /** the first one stands beside the board */
  readonly figures: readonly ClaimFigure[];
  readonly method: string;
  readonly refutedBy: string;
}

const NO_SLOPES = { ks: [1, 2, 4, 8], slopes: [] };
const NO_CELLS = { cells: [] };

export const CLAIM_PAGES: readonly ClaimPage[] = [
  {
    id: 'theorem-3.1',
    place: '3.1',
    name: 'Same direction, another length',
    figures: [from('relation', slopesFigure, NO_SLOPES)],
    method:
      'Each estimator’s mean gradient is projected on the exact ∇J1: its slope must be α_k, and every other coordinate must be what ' +
      'the theorem says. Prompts run from J1 = 1e-4 to 1 − 1e-4. Plain sampling draws trajectories as the policy does; where that ' +
      'would need too many, right and wrong trajectories are drawn by design, and the law of c is taken from theory and tested apart.',
    refutedBy:
      'One slope whose interval, corrected for all comparisons of the run, leaves out α_k. A deviation of 10 % is seen with a chance ' +
      'of 95 % where a check counts as decided; a slope off by 15 % on purpose must be seen, or the run fails.',
  },
  {
    id: 'situation-1',
    place: 'I',
    name: 'Hard prompts give no signal',
    figures: [from('signal', silenceFigure), from('variance', endFigures.low, NO_CELLS)],
    method:
      'Whether a group teaches nothing depends on c alone, so its frequency is exactly binomial. Signal-to-noise ratios at ' +
      'J1 near 0 are exact; slopes and variances there are measured given the outcome.',
    refutedBy:
      'A k at which an estimator that is silent without a success has, as J1 -> 0, a larger signal-to-noise ratio than at k = 1, ' +
      'or a frequency outside its binomial interval.',
  },
  {
    id: 'situation-2',
    place: 'II',
    name: 'Easy prompts: the objective saturates',
    figures: [from('variance', endFigures.high, NO_CELLS)],
    method:
      'Exact: the order m in SNR ~ (1 − J1)^m as J1 goes to 1, of every estimator, at k = 1 and at larger k.',
    refutedBy:
      'Estimators of pass@k whose SNR falls no faster than those of pass@1 (then it is not its own).',
  },
  {
    id: 'theorem-3.2-1',
    place: '3.2 (1)',
    name: 'A rare mode is seldom found',
    figures: [from('collapse', discoveryFigure)],
    method:
      'Groups are sampled in every case; those with a trajectory of M2 are counted against 1 − (1 − ε)^n.',
    refutedBy: 'A frequency outside its interval, or an exact chance above the bound n ε.',
  },
  {
    id: 'theorem-3.2-2',
    place: '3.2 (2)',
    name: 'Updates without it never shrink the main mode',
    figures: [from('collapse', massFigure)],
    method:
      'The mean change of M1’s mass over all batches without M2, to first order in the learning rate, by a formula that is proved and ' +
      'by enumeration of the cases; single batches and finite steps are in the report.',
    refutedBy:
      'A case in which reinforcing successes alone lowers the mass of M1 in the mean, to first order.',
  },
  {
    id: 'theorem-3.2-3',
    place: '3.2 (3)',
    name: 'At certainty the gap closes',
    figures: [from('collapse', trainingGapFigure)],
    method:
      'Replicas are trained; at each snapshot pass@k and pass@1 are measured by sampling the trained policies, and held against ' +
      'δ − δ^k with δ = 1 − J1. Dashed: the paper’s formula with δ = 1 − π(M1).',
    refutedBy: 'A measured gap outside its interval around δ − δ^k.',
  },
  {
    id: 'temperature',
    place: '4',
    name: 'A lower temperature closes the gap',
    figures: [from('temperature', gapFigure)],
    method: 'Four policies at eleven temperatures, J_k exact and sampled at each.',
    refutedBy:
      'A policy with a greedy trajectory that is decided and whose gap stays open at the lowest temperature.',
  },
  {
    id: 'collapse',
    place: '4',
    name: 'Training closes the gap',
    figures: [from('collapse', trainingGapFigure)],
    method:
      'The same policies trained for pass@1 and for pass@k; the gap at the end is held against the one before.',
    refutedBy: 'Training for pass@1 that leaves the gap as wide as it was.',
  },
  {
    id: 'aggregate',
    place: 'A',
    name: 'Prompts that share parameters can oppose',
    figures: [from('aggregate', cosineFigure)],
    method:
      'Six prompts share their logits; the gradient of mean J_k is compared with that of mean J_1, exactly and as sampled.',
    refutedBy: 'Cosines of 1 at every k although the prompts’ J1 differ.',
  },
  {
    id: 'rare-modes',
    place: 'B',
    name: 'Objectives differ in what they keep',
    figures: [from('collapse', keptFigure)],
    method: 'Replicas from one start, an objective each; those that end with one mode of two are counted.',
    refutedBy: 'Intervals of all objectives that overlap at every initial mass.',
  },
  {
    id: 'crossover',
    place: 'C',
    name: 'The untrained policy can win at large k',
    figures: [from('crossover', crossoverFigure)],
    method:
      'Pass@k of every replica before and after training, exact up to k = 1024; the initial policy wins where it is ahead by half a point.',
    refutedBy: 'No workload in which it wins in more than half of the replicas.',
  },
  {
    id: 'variance',
    place: 'D',
    name: 'Noise follows the exact law',
    figures: [from('variance', varianceFigure, NO_CELLS)],
    method:
      'Variances by pooled score moments and directly, their spread by a jackknife over 32 blocks, against ' +
      'Var G = Σ P(c) Var[G | c] + |g|² Var h(c).',
    refutedBy: 'A measured variance whose interval leaves out the exact one.',
  },
  {
    id: 'cost',
    place: 'E',
    name: 'A larger k costs more samples',
    figures: [from('variance', costFigure, NO_CELLS)],
    method:
      'Exact, on the policy of experiment variance: samples for SNR 1 of the cheapest unbiased estimator of the catalogue at k = 1 and at k > 1, at the J1 listed and no others.',
    refutedBy:
      'A J1 at which the cheapest unbiased estimator at k > 1 needs fewer samples than the cheapest at k = 1: there it fails.',
  },
];

export const pageOf = (id: ClaimId): ClaimPage =>
  CLAIM_PAGES.find((page) => page.id === id) ?? CLAIM_PAGES[0];
