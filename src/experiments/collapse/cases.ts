/**
 * Policies with two modes for Theorem 3.2: M1 and a rare M2, and what else there is. M1 is one trajectory or several, wrong
 * mass is absent, in one place or spread, and trajectories are one token long or two.
 */
import type { Mode, ProblemModes } from '../../problem/modes.ts';
import { compileProblem, type Problem, type Prompt } from '../../problem/problem.ts';
import { solvePrompt, type PromptTheory } from '../../theory/promptTheory.ts';
import type { CollapseCase } from './result.ts';

type Wrong = CollapseCase['wrong'];

interface CaseSource {
  readonly id: string;
  readonly wrong: Wrong;
  /** [T][V] */
  readonly rows: readonly (readonly number[])[];
  readonly mode: Mode;
  readonly rareMode: Mode;
}

/** Cases that share a shape, as the prompts of one problem. */
export interface CaseSet {
  readonly problem: Problem;
  readonly modes: ProblemModes;
  readonly cases: readonly CaseSource[];
}

export interface CaseTheory {
  /** of the whole prompt: correct where in M1 or M2 */
  readonly whole: PromptTheory;
  /** correct where in M1 alone, and where in M2 alone */
  readonly mode: PromptTheory;
  readonly rareMode: PromptTheory;
}

const ARMS = 12;
const RARE_ARM = 3;
/** How M1's mass is divided where it is several arms: unevenly, or a sample of any would stand for all. */
const DIVISION = [0.9, 0.08, 0.02];
const MODE_PROBS = [0.3, 0.6];
const RARE_PROBS = [0.02, 0.1];

function banditCases(): CaseSource[] {
  const sizes: readonly (readonly number[])[] = [[1], DIVISION];
  const wrongs: readonly Wrong[] = ['none', 'one wrong trajectory', 'many wrong trajectories'];
  return wrongs.flatMap((wrong) =>
    sizes.flatMap((division) =>
      RARE_PROBS.flatMap((rareProb) =>
        (wrong === 'none' ? [1 - rareProb] : MODE_PROBS).map((modeProb): CaseSource => {
          const row = new Array<number>(ARMS).fill(0);
          division.forEach((share, arm) => (row[arm] = share * modeProb));
          row[RARE_ARM] = rareProb;
          const rest = 1 - modeProb - rareProb;
          const wrongArms = wrong === 'none' ? 0 : wrong === 'one wrong trajectory' ? 1 : ARMS - RARE_ARM - 1;
          for (let i = 0; i < wrongArms; i += 1) row[RARE_ARM + 1 + i] = rest / wrongArms;
          return {
            id: `bandit, ${wrong === 'none' ? 'nothing wrong' : wrong}, ${division.length} in M1, p1 ${modeProb.toFixed(2)}, eps ${rareProb}`,
            wrong,
            rows: [row],
            mode: division.map((_, arm) => [arm]),
            rareMode: [[RARE_ARM]],
          };
        }),
      ),
    ),
  );
}

function sequenceCases(): CaseSource[] {
  return [
    {
      id: 'two tokens, one trajectory in M1',
      wrong: 'many wrong trajectories',
      rows: [
        [0.7, 0.18, 0.07, 0.05],
        [0.6, 0.2, 0.1, 0.1],
      ],
      mode: [[0, 0]],
      rareMode: [[3, 3]],
    },
    {
      id: 'two tokens, neighbours in M1',
      wrong: 'many wrong trajectories',
      rows: [
        [0.5, 0.3, 0.1, 0.1],
        [0.5, 0.3, 0.1, 0.1],
      ],
      mode: [
        [0, 0],
        [0, 1],
        [1, 0],
      ],
      rareMode: [[3, 3]],
    },
    {
      id: 'two tokens, opposites in M1',
      wrong: 'many wrong trajectories',
      rows: [
        [0.1, 0.6, 0.3, 0],
        [0.2, 0.75, 0.05, 0],
      ],
      mode: [
        [1, 1],
        [2, 0],
      ],
      rareMode: [[0, 2]],
    },
    {
      id: 'two tokens, a wrong trajectory likelier than M1',
      wrong: 'one wrong trajectory',
      rows: [
        [0.3, 0.65, 0.03, 0.02],
        [0.4, 0.55, 0.03, 0.02],
      ],
      mode: [[0, 0]],
      rareMode: [[3, 3]],
    },
  ];
}

export function caseSets(): CaseSet[] {
  return [banditCases(), sequenceCases()].map((cases): CaseSet => {
    const { rows } = cases[0];
    return {
      cases,
      modes: cases.map(({ mode, rareMode }) => [mode, rareMode]),
      problem: compileProblem({
        format: 'passk-problem@1',
        vocab: rows[0].length,
        horizon: rows.length,
        context: 'none',
        prompts: cases.map((entry, index) => ({
          id: `p${index}`,
          probabilities: entry.rows,
          accept: { sequences: [...entry.mode, ...entry.rareMode] },
        })),
      }),
    };
  });
}

/** Exact values of a case: of its own verifier, and of ones that accept either mode alone. */
export function solveCase({ problem, cases }: CaseSet, index: number): CaseTheory {
  const { source, prompts } = problem;
  const { mode, rareMode } = cases[index];
  const solve = (sequences: Mode): PromptTheory => {
    const own = compileProblem({ ...source, prompts: [{ ...source.prompts[index], accept: { sequences } }] });
    const [prompt]: readonly Prompt[] = own.prompts;
    return solvePrompt(own, prompt);
  };
  return { whole: solvePrompt(problem, prompts[index]), mode: solve(mode), rareMode: solve(rareMode) };
}

/** M2 among the modes of a case. */
export const RARE_MODE = 1;
