/** `generate`: a built-in workload as a problem file. */
import type { Command } from 'commander';
import { printJson } from './output.ts';
import { Progress } from './progress.ts';
import { saveFile } from './results.ts';
import { rowCountOf, type ContextKind, type ProblemSource } from '../problem/problem.ts';
import { checkCellCount, MAX_HORIZON, MAX_VOCAB, validateProblem } from '../problem/problemFile.ts';
import { InputError } from '../input/inputError.ts';
import { readChoice, readInteger, readNumber } from '../input/textInput.ts';
import { bandit, logitGrid, modes, needle, sum, WORKLOADS, type WorkloadSpec } from '../problem/workloads.ts';
import { MAX_SEED } from '../math/random/stream.ts';

export interface GenerateFlags {
  readonly vocab: string;
  readonly horizon: string;
  readonly context: string;
  readonly prompts: string;
  readonly successProb: string;
  readonly seed: string;
  readonly correctArms: string;
  readonly modulus: string;
  readonly residue: string;
  readonly masses: string;
}

const CONTEXTS: readonly ContextKind[] = ['none', 'previous'];
const MAX_PROMPTS = 4096;
/** Closer to 0 or 1 than this, masses of 2^-32 cannot meet a target. */
const LEAST_PROB = 1e-8;

/** @throws InputError naming the flag */
export function generateProblem(
  kind: string,
  flags: GenerateFlags,
  onPrompt: (done: number, total: number) => void = () => undefined,
): ProblemSource {
  const workload = readChoice(kind, 'workload', WORKLOADS);
  const spec: WorkloadSpec = {
    vocab: readInteger(flags.vocab, '--vocab', 2, MAX_VOCAB),
    horizon: readInteger(flags.horizon, '--horizon', 1, MAX_HORIZON),
    context: readChoice(flags.context, '--context', CONTEXTS),
    successProbs: targets(flags.successProb, readInteger(flags.prompts, '--prompts', 1, MAX_PROMPTS)),
    seed: readInteger(flags.seed, '--seed', 0, MAX_SEED),
    onPrompt,
  };
  const rowCount = rowCountOf(spec.context, spec.vocab, spec.horizon);
  checkCellCount(spec.successProbs.length, rowCount, spec.vocab, 'generate');
  // Checked as a file would be: limits hold for what is generated, too.
  return validateProblem(build(workload, spec, flags), 'generated problem');
}

function build(
  workload: (typeof WORKLOADS)[number],
  spec: WorkloadSpec,
  flags: GenerateFlags,
): ProblemSource {
  if (workload === 'bandit') {
    if (spec.horizon !== 1) throw new InputError('--horizon', '1 for a bandit', String(spec.horizon));
    const arms = readInteger(flags.correctArms, '--correct-arms', 1, spec.vocab - 1);
    return bandit(spec.vocab, arms, spec.successProbs, spec.seed);
  }
  if (workload === 'needle') return needle(spec);
  if (workload === 'modes') {
    const masses = flags.masses.split(',').map((mass) => readNumber(mass, '--masses', 1e-6, 1e6));
    if (masses.length >= spec.vocab) {
      throw new InputError('--masses', `fewer than ${spec.vocab} modes (--vocab)`, String(masses.length));
    }
    return modes(spec, masses);
  }
  const modulus = readInteger(flags.modulus, '--modulus', 2, MAX_VOCAB);
  const reach = (spec.vocab - 1) * spec.horizon;
  const residue = readInteger(flags.residue, '--residue', 0, Math.min(modulus - 1, reach));
  return sum(spec, modulus, residue);
}

/** "0.1" for every prompt, or "1e-4..0.999": a grid, evenly spaced in logit. */
function targets(text: string, count: number): number[] {
  const [low, high, ...rest] = text
    .split('..')
    .map((part) => readNumber(part, '--success-prob', LEAST_PROB, 1 - LEAST_PROB));
  if (rest.length > 0) throw new InputError('--success-prob', "one number or 'low..high'", text.slice(0, 60));
  return text.includes('..') ? logitGrid(low, high, count) : Array.from({ length: count }, () => low);
}

export function addGenerate(program: Command): void {
  program
    .command('generate')
    .description('a built-in workload as a problem file')
    .argument('<workload>', WORKLOADS.join(', '))
    .option('--vocab <v>', 'tokens', '6')
    .option('--horizon <t>', 'positions', '1')
    .option('--context <kind>', 'none or previous', 'none')
    .option('--prompts <count>', 'prompts', '8')
    .option('--success-prob <p>', "J1 of every prompt, or 'low..high': evenly spaced in logit", '1e-3..0.999')
    .option('--seed <seed>', 'of the random rows', '1')
    .option('--correct-arms <count>', 'bandit: arms 0 .. count - 1 are correct', '2')
    .option('--modulus <m>', 'sum: correct where the tokens add up to the residue', '3')
    .option('--residue <r>', 'sum: see --modulus', '1')
    .option('--masses <mass,...>', "modes: the modes' masses relative to each other", '3,1')
    .option('--save <file>', 'write it there instead of printing it')
    .action((workload: string, flags: GenerateFlags & { readonly save?: string }) => {
      const progress = new Progress('passk-bench generate', 'prompts');
      const problem = generateProblem(workload, flags, (done, total) => progress.show('making', done, total));
      progress.clear();
      if (flags.save === undefined) printJson(problem);
      else saveFile(flags.save, '--save', `${JSON.stringify(problem)}\n`);
    });
}
