/** Flags that several commands have, and how their texts are read. */
import { Option, type Command } from 'commander';
import { estimators, type Estimator } from '../estimators/estimators.ts';
import {
  ESTIMATORS_HELP,
  findEstimator,
  readEstimator,
  readEstimatorIds,
} from '../estimators/estimatorSpec.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import {
  CONVENTIONS,
  missingWeights,
  ownTable,
  withZeros,
  type OwnEstimator,
} from '../identify/ownEstimator.ts';
import { readOwnEstimators } from '../identify/readOwn.ts';
import { asSum } from '../identify/identify.ts';
import { PLAIN_LOG, type LogOptions } from '../identify/logColumns.ts';
import { InputError, printable, shown } from '../input/inputError.ts';
import { KERNEL_CHOICES } from '../engine/gpu/sampling/wholeGroups/plan.ts';
import { readChoice, readInteger } from '../input/textInput.ts';
import { ENGINE_CHOICES, ENGINE_WORDS } from '../engine/engineChoice.ts';
import { ORACLE_MINIMUM } from '../theory/oracleMinimum.ts';
import { fileName, readText } from './files.ts';
import type { HostChoice, Tools } from './tools.ts';

/** Attempts of pass@k, at most. */
export const MAX_K = 1e6;

const MAX_THREADS = 256;

export const groupSizesFlag = (): Option => new Option('--group-size <n,...>', 'trajectories in a group');
export const ksFlag = (): Option => new Option('--k <k,...>', 'attempts of pass@k');
export const estimatorsFlag = (): Option => new Option('--estimators <id,...>', ESTIMATORS_HELP);
export const ownFlag = (): Option =>
  new Option('--estimator-file <file>', 'your own: passk-estimator@1, or a log of rewards and advantages');
export const conventionFlag = (): Option =>
  new Option(
    '--convention <sum|mean>',
    'sum: G = sum w_i s_i; mean: G = (1/n) sum w_i s_i (default: sum; a log without n and c as what has a name, else mean)',
  );

export const missingFlag = (): Option =>
  new Option(
    '--missing <refuse|zero>',
    'weights that the file does not have: zero where groups of their c were filtered out',
  ).default('refuse');

export interface OwnFlags {
  /** what a log does not say is open, and read as what has a name */
  readonly convention?: string;
  readonly missing: string;
}

/** @throws InputError */
export function readOwnFile(path: string, flags: OwnFlags): OwnEstimator[] {
  const text = readText(path, '--estimator-file');
  return ownEstimators(text, fileName(path), flags, PLAIN_LOG).map(asSum);
}

/** @throws InputError */
export function ownEstimators(
  text: string,
  name: string,
  { convention, missing }: OwnFlags,
  options: LogOptions,
): OwnEstimator[] {
  const own = readOwnEstimators(
    text,
    name,
    convention === undefined ? 'open' : readChoice(convention, '--convention', CONVENTIONS),
    options,
  );
  return readChoice(missing, '--missing', ['refuse', 'zero']) === 'zero' ? own.map(withZeros) : own;
}

/** @throws InputError where weights are missing, for exact values need them all, or where the name is taken */
export function completeTables(own: readonly OwnEstimator[]): WeightTable[] {
  return own.map((estimator) => {
    if (findEstimator(estimator.name) || estimator.name === ORACLE_MINIMUM) {
      throw new InputError(
        '--estimator-file: name',
        'one that is not in the catalogue',
        shown(estimator.name),
        'give it another',
      );
    }
    const table = ownTable(estimator);
    if (table) return table;
    const missing = missingWeights(estimator);
    throw new InputError(
      `--estimator-file ${printable(estimator.name, 60)} at n = ${estimator.n}`,
      'a weight for every c',
      `${missing.length} missing, ${missing.slice(0, 3).join(', ')} among them`,
      'log more groups, see what `identify` says of what is there, or say --missing zero where they were filtered out',
    );
  });
}

export function chosenEstimators(text: string | undefined): readonly Estimator[] {
  if (text === undefined) return estimators;
  return readEstimatorIds(text, '--estimators').map((spec) => readEstimator(spec, '--estimators'));
}

export const problemFlag = (): Option =>
  new Option('--problem <file>', 'problem file (passk-problem@1)').makeOptionMandatory();

export interface HostFlags {
  readonly engine: string;
  readonly threads?: string;
  readonly requireGpu?: true;
  readonly installBrowser?: true;
  readonly runtime: string;
  readonly adapter: string;
  readonly workgroupSize?: string;
  readonly submitMs?: string;
  readonly kernels?: string;
}

const RUNTIME_WORDS = { chromium: 'chromium', node: 'node (optional package webgpu)' } as const;

/** The first is the usual one. A browser shows the page, so without the page it is of no use. */
const runtimesOf = ({ buildPage }: Pick<Tools, 'buildPage'>): readonly HostChoice['runtime'][] =>
  buildPage === null ? ['node'] : ['chromium', 'node'];

/** The flags that say where to sample. */
export function addHostOptions(command: Command, tools: Pick<Tools, 'buildPage'>): Command {
  const runtimes = runtimesOf(tools);
  return command
    .option(
      '--engine <engine>',
      `${ENGINE_CHOICES.map((name) => `${name}: ${ENGINE_WORDS[name]}`).join('; ')}; all give the same tallies`,
      'auto',
    )
    .option('--require-gpu', 'exit with 3 where no WebGPU can be exercised')
    .option('--install-browser', "install Debian's chromium where there is no browser")
    .addOption(new Option('--threads <n>', 'of the CPU engine; results do not depend on it'))
    .option(
      '--runtime <runtime>',
      `where the GPU is: ${runtimes.map((name) => RUNTIME_WORDS[name]).join(', or ')}`,
      runtimes[0],
    )
    .option('--adapter <kind>', 'auto, hardware or software', 'auto')
    .addOption(new Option('--workgroup-size <n>', 'threads of a workgroup; results do not depend on it'))
    .addOption(new Option('--submit-ms <ms>', 'aim of one submission; results do not depend on it'))
    .addOption(
      new Option(
        '--kernels <kind>',
        `of the GPU: ${KERNEL_CHOICES.join(', ')} (one for whole groups, or several in turn); results do not depend on it`,
      ),
    );
}

export function hostChoice(flags: HostFlags, tools: Pick<Tools, 'buildPage'>): HostChoice {
  return {
    engine: readChoice(flags.engine, '--engine', ENGINE_CHOICES),
    requiresGpu: flags.requireGpu === true,
    mayInstall: flags.installBrowser === true,
    threads: flags.threads === undefined ? null : readInteger(flags.threads, '--threads', 1, MAX_THREADS),
    runtime: readChoice(flags.runtime, '--runtime', runtimesOf(tools)),
    adapter: readChoice(flags.adapter, '--adapter', ['auto', 'hardware', 'software']),
    options: {
      ...(flags.workgroupSize !== undefined
        ? { workgroupSize: readInteger(flags.workgroupSize, '--workgroup-size', 1, 256) }
        : {}),
      ...(flags.submitMs !== undefined
        ? { submitMs: readInteger(flags.submitMs, '--submit-ms', 1, 1000) }
        : {}),
      ...(flags.kernels !== undefined
        ? { kernels: readChoice(flags.kernels, '--kernels', KERNEL_CHOICES) }
        : {}),
    },
  };
}
