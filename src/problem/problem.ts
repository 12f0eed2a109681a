/**
 * A problem ready to be sampled and solved: every prompt's policy as integer masses and its verifier as an automaton.
 *
 * Rows are numbered by position t, then context u: with context "none" the row of t is t; with "previous" the row at
 * t = 0 is 0 and the row of (t, u) is 1 + (t−1) V + u, u being the token before.
 */
import { compileAccept, type Accept, type Automaton } from './automaton.ts';
import { canonicalJson, sha256 } from '../input/canonical.ts';
import { normalise, softmax, writeMasses } from './masses.ts';

export type ContextKind = 'none' | 'previous';

/** Nested rows as the file has them: [T][V], or [T][contexts][V] with one context at t = 0. */
export type NestedRows = readonly (readonly number[])[] | readonly (readonly (readonly number[])[])[];

export interface PromptSource {
  readonly id: string;
  readonly logits?: NestedRows;
  readonly probabilities?: NestedRows;
  readonly accept: Accept;
}

/** The content of a problem file, already validated (`parseProblem`) or generated (`workloads`). */
export interface ProblemSource {
  readonly format: 'passk-problem@1';
  readonly vocab: number;
  readonly horizon: number;
  readonly context: ContextKind;
  readonly prompts: readonly PromptSource[];
  readonly features?: readonly (readonly number[])[];
}

export interface Prompt {
  readonly id: string;
  /** [rowCount, vocab] integers, each row summing to 2^32 */
  readonly masses: Float64Array;
  readonly automaton: Automaton;
}

export interface Problem {
  readonly source: ProblemSource;
  readonly vocab: number;
  readonly horizon: number;
  readonly context: ContextKind;
  /** rows of one prompt's policy */
  readonly rowCount: number;
  readonly prompts: readonly Prompt[];
  /** [prompts][F], where the prompts share parameters */
  readonly features?: readonly (readonly number[])[];
}

/** Rows of one policy: T, or 1 + (T−1) V when the previous token is the context. */
export function rowCountOf(context: ContextKind, vocab: number, horizon: number): number {
  return context === 'none' ? horizon : 1 + (horizon - 1) * vocab;
}

/** The row that position t and previous token u select. */
export function rowIndex(problem: Problem, t: number, previousToken: number): number {
  if (problem.context === 'none' || t === 0) return t;
  return 1 + (t - 1) * problem.vocab + previousToken;
}

/** The position t and context u of a row. */
export function rowPosition(problem: Problem, row: number): { t: number; context: number } {
  if (problem.context === 'none' || row === 0) return { t: row, context: 0 };
  return { t: 1 + Math.floor((row - 1) / problem.vocab), context: (row - 1) % problem.vocab };
}

/** @param source validated: this function trusts its shapes and ranges */
export function compileProblem(source: ProblemSource): Problem {
  const { vocab, horizon, context } = source;
  const rowCount = rowCountOf(context, vocab, horizon);
  // Prompts that share a verifier share its automaton: they upload one table.
  const automata = new Map<string, Automaton>();
  const prompts = source.prompts.map((prompt): Prompt => {
    const key = canonicalJson(prompt.accept);
    const automaton = automata.get(key) ?? compileAccept(prompt.accept, vocab, horizon);
    automata.set(key, automaton);
    const isLogits = prompt.logits !== undefined;
    const rows = flatRows(prompt.logits ?? prompt.probabilities ?? [], context);
    const masses = new Float64Array(rowCount * vocab);
    rows.forEach((row, index) => {
      writeMasses(
        isLogits ? softmax(row) : normalise(row),
        masses.subarray(index * vocab, (index + 1) * vocab),
      );
    });
    return { id: prompt.id, masses, automaton };
  });
  return {
    source,
    vocab,
    horizon,
    context,
    rowCount,
    prompts,
    ...(source.features ? { features: source.features } : {}),
  };
}

/** The rows of a nested policy in row order. */
export function flatRows(rows: NestedRows, context: ContextKind): readonly (readonly number[])[] {
  return context === 'none'
    ? (rows as readonly (readonly number[])[])
    : (rows as readonly (readonly (readonly number[])[])[]).flat();
}

export function problemSha256(problem: Problem): Promise<string> {
  return sha256(canonicalJson(problem.source));
}

/** Over all masses by prompt, row, token, as little-endian 64-bit integers. */
export function massesSha256(problem: Problem): Promise<string> {
  const perPrompt = problem.rowCount * problem.vocab;
  const words = new DataView(new ArrayBuffer(problem.prompts.length * perPrompt * 8));
  problem.prompts.forEach((prompt, index) => {
    prompt.masses.forEach((mass, cell) => {
      words.setBigUint64((index * perPrompt + cell) * 8, BigInt(mass), true);
    });
  });
  return sha256(new Uint8Array(words.buffer));
}
