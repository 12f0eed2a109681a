/** The commands that need no GPU: theory, weights, identify, estimators. */
import { Option, type Command } from 'commander';
import { MAX_GROUP_SIZE } from '../engine/sampler.ts';
import { estimators, type Estimator } from '../estimators/estimators.ts';
import {
  ESTIMATORS_HELP,
  findEstimator,
  readEstimator,
  readEstimatorIds,
} from '../estimators/estimatorSpec.ts';
import { InputError, printable, shown } from '../input/inputError.ts';
import {
  CONVENTIONS,
  ownTable,
  missingWeights,
  readOwnEstimators,
  withZeros,
  type OwnEstimator,
} from '../identify/ownEstimator.ts';
import { readChoice, readInteger, readIntegers } from '../input/textInput.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import { catalogueMarkdown, catalogueRows, catalogueText } from './estimatorsCommand.ts';
import { fileName, readProblem, readText } from './files.ts';
import { identificationText, identify, missesItsK, referenceProblem } from './identifyCommand.ts';
import { printJson, printText, say } from './output.ts';
import { ORACLE_MINIMUM, theoryAnswer } from './theoryCommand.ts';
import { CONVENTION_TEXTS, ownRows, weightRows, weightsCsv } from './weightsCommand.ts';

const MAX_K = 1e6;

const groupSizesFlag = (): Option => new Option('--group-size <n,...>', 'trajectories in a group');
const ksFlag = (): Option => new Option('--k <k,...>', 'attempts of pass@k');
const estimatorsFlag = (): Option => new Option('--estimators <id,...>', ESTIMATORS_HELP);
export const ownFlag = (): Option =>
  new Option('--estimator-file <file>', 'your own: passk-estimator@1, or CSV n,c,reward,advantage');
export const conventionFlag = (): Option =>
  new Option('--convention <sum|mean>', 'sum: G = sum w_i s_i; mean: G = (1/n) sum w_i s_i').default('sum');

export const missingFlag = (): Option =>
  new Option(
    '--missing <refuse|zero>',
    'weights that the file does not have: zero where groups of their c were filtered out',
  ).default('refuse');

export interface OwnFlags {
  readonly convention: string;
  readonly missing: string;
}

/** @throws InputError */
export function readOwnFile(
  path: string,
  { convention, missing }: OwnFlags,
  flag = '--estimator-file',
): OwnEstimator[] {
  const own = readOwnEstimators(
    readText(path, flag),
    fileName(path),
    readChoice(convention, '--convention', CONVENTIONS),
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

function chosenEstimators(text: string | undefined): readonly Estimator[] {
  if (text === undefined) return estimators;
  return readEstimatorIds(text, '--estimators').map((spec) => readEstimator(spec, '--estimators'));
}

interface TheoryFlags extends OwnFlags {
  readonly problem: string;
  readonly groupSize: string;
  readonly k: string;
  readonly estimators?: string;
  readonly estimatorFile?: string;
  readonly gradient?: true;
}

export function addTheory(program: Command): void {
  program
    .command('theory')
    .description('exact values of a problem by dynamic programming, no GPU')
    .addOption(new Option('--problem <file>', 'problem file (passk-problem@1)').makeOptionMandatory())
    .addOption(groupSizesFlag().makeOptionMandatory())
    .addOption(ksFlag().makeOptionMandatory())
    .addOption(estimatorsFlag())
    .addOption(ownFlag())
    .addOption(conventionFlag())
    .addOption(missingFlag())
    .option('--gradient', 'print grad J1, flat by position, context, token')
    .option('--json', 'print JSON (the default)')
    .action((flags: TheoryFlags) => {
      // The reference line is asked for by name like an estimator, and is there by default.
      const names = flags.estimators?.split(',').map((name) => name.trim());
      const others = names?.filter((name) => name !== ORACLE_MINIMUM).join(',');
      printJson(
        theoryAnswer({
          groupSizes: readIntegers(flags.groupSize, '--group-size', 1, MAX_GROUP_SIZE),
          ks: readIntegers(flags.k, '--k', 1, MAX_K),
          estimators: others === '' ? [] : chosenEstimators(others),
          own:
            flags.estimatorFile === undefined ? [] : completeTables(readOwnFile(flags.estimatorFile, flags)),
          oracleMinimum:
            !names || names.includes(ORACLE_MINIMUM) ? 'with oracle minimum' : 'without oracle minimum',
          gradient: flags.gradient ? 'with gradient' : 'without gradient',
          problem: readProblem(flags.problem),
        }),
      );
    });
}

interface WeightsFlags extends OwnFlags {
  readonly groupSize?: string;
  readonly k?: string;
  readonly estimators?: string;
  readonly estimatorFile?: string;
  readonly csv?: true;
}

export function addWeights(program: Command): void {
  program
    .command('weights')
    .description("the estimators' weights w1(c), w0(c)")
    .addOption(groupSizesFlag())
    .addOption(ksFlag())
    .addOption(estimatorsFlag())
    .addOption(ownFlag())
    .addOption(conventionFlag())
    .addOption(missingFlag())
    .option('--json', 'print JSON (the default)')
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .action((flags: WeightsFlags) => {
      const convention = readChoice(flags.convention, '--convention', CONVENTIONS);
      const own = flags.estimatorFile === undefined ? [] : readOwnFile(flags.estimatorFile, flags);
      if (own.length === 0 && (flags.groupSize === undefined || flags.k === undefined)) {
        throw new InputError('weights', '--group-size and --k, or --estimator-file', 'neither');
      }
      // Beside a file: the catalogue at its n and k.
      const groupSizes =
        flags.groupSize === undefined
          ? [...new Set(own.map(({ n }) => n))]
          : readIntegers(flags.groupSize, '--group-size', 1, MAX_GROUP_SIZE);
      const ks =
        flags.k === undefined
          ? [...new Set(own.flatMap(({ k }) => k ?? []))]
          : readIntegers(flags.k, '--k', 1, MAX_K);
      const { rows, notDefined } = weightRows(chosenEstimators(flags.estimators), groupSizes, ks, convention);
      const all = [...ownRows(own, convention), ...rows];
      if (flags.csv) {
        for (const { estimator, n, k, reason } of notDefined) {
          say(`not defined: ${estimator} n = ${n}${k === null ? '' : ` k = ${k}`}, ${reason}`);
        }
        printText(weightsCsv(all, convention));
      } else printJson({ convention: CONVENTION_TEXTS[convention], rows: all, notDefined });
    });
}

export function addIdentify(program: Command, setMissed: () => void): void {
  program
    .command('identify')
    .description('what an advantage of your own estimates: right, a known mistake by name, or something else')
    .argument('<file>', 'passk-estimator@1, or CSV n,c,reward,advantage')
    .addOption(conventionFlag())
    .addOption(missingFlag())
    .option('--k <k>', 'what it is meant for, where the file does not say')
    .option('--problem <file>', 'where to compare variances, instead of six arms at J1 = .1, .5, .9')
    .option('--json', 'print JSON')
    .action((path: string, flags: OwnFlags & { k?: string; problem?: string; json?: true }) => {
      const meantK = flags.k === undefined ? null : readInteger(flags.k, '--k', 1, MAX_K);
      const own = readOwnFile(path, flags, 'identify').map((table) => ({ ...table, k: table.k ?? meantK }));
      const problem = flags.problem === undefined ? referenceProblem() : readProblem(flags.problem);
      const found = identify(own, problem);
      if (flags.json) printJson({ convention: flags.convention, estimators: found });
      else printText(identificationText(found));
      if (found.some(missesItsK)) setMissed();
    });
}

export function addEstimators(program: Command): void {
  program
    .command('estimators')
    .description('the catalogue: formulas, sources, what each estimates')
    .option('--json', 'print JSON')
    .addOption(new Option('--markdown', 'print the table of the README').conflicts('json'))
    .action((flags: { json?: true; markdown?: true }) => {
      const rows = catalogueRows(estimators);
      if (flags.json) printJson(rows);
      else printText(flags.markdown ? catalogueMarkdown(rows) : catalogueText(rows));
    });
}
