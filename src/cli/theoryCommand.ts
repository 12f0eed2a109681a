/** `theory`: exact values of a problem, no GPU. */
import type { Command } from 'commander';
import { MAX_GROUP_SIZE } from '../engine/sampler.ts';
import { readIntegers } from '../input/textInput.ts';
import { readProblem } from './files.ts';
import {
  chosenEstimators,
  completeTables,
  conventionFlag,
  estimatorsFlag,
  groupSizesFlag,
  ksFlag,
  MAX_K,
  missingFlag,
  ownFlag,
  problemFlag,
  readOwnFile,
  type OwnFlags,
} from './flags.ts';
import { printJson, printText } from './output.ts';
import { theoryText } from './render/theory.ts';
import { ORACLE_MINIMUM } from '../theory/oracleMinimum.ts';
import { theoryAnswer } from '../theory/theoryAnswer.ts';

interface TheoryFlags extends OwnFlags {
  readonly problem: string;
  readonly groupSize: string;
  readonly k: string;
  readonly estimators?: string;
  readonly estimatorFile?: string;
  readonly gradient?: true;
  readonly json?: true;
}

export function addTheory(program: Command): void {
  program
    .command('theory')
    .description('exact values of a problem by dynamic programming, no GPU')
    .addOption(problemFlag())
    .addOption(groupSizesFlag().makeOptionMandatory())
    .addOption(ksFlag().makeOptionMandatory())
    .addOption(estimatorsFlag())
    .addOption(ownFlag())
    .addOption(conventionFlag())
    .addOption(missingFlag())
    .option('--gradient', 'print grad J1, flat by position, context, token')
    .option('--json', 'print JSON')
    .action((flags: TheoryFlags) => {
      // The reference line is asked for by name like an estimator, and is there by default.
      const names = flags.estimators?.split(',').map((name) => name.trim());
      const others = names?.filter((name) => name !== ORACLE_MINIMUM).join(',');
      const answer = theoryAnswer({
        groupSizes: readIntegers(flags.groupSize, '--group-size', 1, MAX_GROUP_SIZE),
        ks: readIntegers(flags.k, '--k', 1, MAX_K),
        estimators: others === '' ? [] : chosenEstimators(others),
        own: flags.estimatorFile === undefined ? [] : completeTables(readOwnFile(flags.estimatorFile, flags)),
        oracleMinimum:
          !names || names.includes(ORACLE_MINIMUM) ? 'with oracle minimum' : 'without oracle minimum',
        gradient: flags.gradient ? 'with gradient' : 'without gradient',
        problem: readProblem(flags.problem),
      });
      if (flags.json) printJson(answer);
      else printText(theoryText(answer));
    });
}
