/** A training job's problem and rule as the update kernel reads them. */
import type { Automaton } from '../../../problem/automaton.ts';
import type { Problem } from '../../../problem/problem.ts';
import { baseLogits, blends } from '../../../theory/trainedPolicy.ts';
import { floatBits } from './trainingBlock.ts';
import { verdictBits } from '../../outcomeTallies.ts';
import { stepRates, type TrainingJob } from '../../training.ts';
import type { GeneratedKernel } from './generatedKernel.ts';
import type { UnrolledVerifier } from './unrolled/shape.ts';

/** Words of a prompt in the prompts table: PROMPT_WORDS in update.wgsl. */
const PROMPT_WORDS = 5;

export interface TrainingTables {
  readonly baseLogits: Uint32Array<ArrayBuffer>;
  readonly verifiers: Uint32Array<ArrayBuffer>;
  /** [prompts, PROMPT_WORDS], then the blocks each uses: [block, feature] pairs, or all features for a generated kernel */
  readonly prompts: Uint32Array<ArrayBuffer>;
  /** weights, then rates from `ratesFirst` pairs on */
  readonly tables: Uint32Array<ArrayBuffer>;
  readonly ratesFirst: number;
  readonly blendFirst: number;
}

/** @param generated the kernel, where one was written for the job's shape */
export function trainingTables(job: TrainingJob, generated: GeneratedKernel | null): TrainingTables {
  const { problem, weights } = job;
  const own = blends(problem);
  const verifiers = verifierTables(job, generated?.shape.verifier ?? { kind: 'table' });
  let blendCount = 0;
  const prompts = problem.prompts.flatMap(({ automaton }, index) => {
    const blendFirst = blendCount;
    blendCount += own[index].length;
    return [verifiers.first[index], verifiers.verdictFirst[index], automaton.start, blendFirst, blendCount];
  });
  const pairs = Array.from({ length: job.groupSize + 1 }, (_, c) => [weights.correct[c], weights.wrong[c]]);
  return {
    baseLogits: floats(baseLogits(problem)),
    verifiers: Uint32Array.from(verifiers.words),
    prompts: Uint32Array.from([
      ...prompts,
      ...(generated
        ? (problem.features?.flat() ?? []).map(floatBits)
        : own.flat().flatMap(({ block, feature }) => [block, floatBits(feature)])),
    ]),
    tables: floats(Float64Array.from([...pairs.flat(), ...stepRates(job.optimiser, job.stepCount)])),
    ratesFirst: job.groupSize + 1,
    blendFirst: PROMPT_WORDS * problem.prompts.length,
  };
}

interface VerifierTables {
  readonly words: readonly number[];
  /** [prompts], where each one's table begins, and its verdicts */
  readonly first: readonly number[];
  readonly verdictFirst: readonly number[];
}

/** Verifiers in the form that a kernel runs. */
function verifierTables(job: TrainingJob, { kind, ...rest }: UnrolledVerifier): VerifierTables {
  const { vocab, horizon, prompts, source } = job.problem;
  const verdicts = verdictBits(job);
  if (kind === 'table') return automatonTables(job.problem, verdicts);
  const parts = prompts.map(({ automaton }, index): number[] => {
    const { accept } = source.prompts[index];
    const bitsOf = (sequence: readonly number[]): number =>
      verdicts[index][
        sequence.reduce((state, token) => automaton.next[state * vocab + token], automaton.start)
      ];
    if (kind === 'tokens') return Array.from({ length: vocab }, (_, token) => bitsOf([token]));
    if (kind === 'sum') {
      const { modulus, residue } = 'sum' in accept ? accept.sum : { modulus: 1, residue: 0 };
      return [modulus, residue, verdicts[index][residue]];
    }
    const listed = 'sequences' in accept ? accept.sequences : [];
    const nothing = new Array<number>(horizon + 1).fill(0);
    // What stands in for a missing sequence adds nothing, whether it is met or not.
    const missing = ('count' in rest ? rest.count : 0) - listed.length;
    return [
      ...listed.flatMap((sequence) => [...sequence, bitsOf(sequence)]),
      ...Array.from({ length: missing }, () => nothing).flat(),
    ];
  });
  let next = 0;
  const first = parts.map((part) => (next += part.length) - part.length);
  return { words: parts.flat(), first, verdictFirst: first };
}

/** Transition tables, each automaton's once, and each prompt's verdicts. */
function automatonTables({ prompts }: Problem, verdicts: readonly Uint32Array[]): VerifierTables {
  const words: number[] = [];
  const nextFirst = new Map<Automaton, number>();
  const append = (table: Uint32Array): number => {
    const place = words.length;
    for (const word of table) words.push(word);
    return place;
  };
  for (const { automaton } of prompts) {
    if (!nextFirst.has(automaton)) nextFirst.set(automaton, append(automaton.next));
  }
  return {
    first: prompts.map(({ automaton, id }) => {
      const first = nextFirst.get(automaton);
      if (first === undefined) throw new Error(`prompt ${id}: its verifier was not laid out`);
      return first;
    }),
    verdictFirst: verdicts.map(append),
    words,
  };
}

/** Numbers as f32 words. */
export function floats(values: ArrayLike<number>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Float32Array.from(values).buffer);
}
