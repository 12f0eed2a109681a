/** `weights`: the estimators' tables over c. */
import { Option, type Command } from 'commander';
import { MAX_GROUP_SIZE } from '../engine/sampler.ts';
import { InputError } from '../input/inputError.ts';
import { decimal, readChoice, readIntegers } from '../input/textInput.ts';
import {
  chosenEstimators,
  conventionFlag,
  estimatorsFlag,
  groupSizesFlag,
  ksFlag,
  MAX_K,
  missingFlag,
  ownFlag,
  readOwnFile,
  type OwnFlags,
} from './flags.ts';
import { printJson, printText, say } from './output.ts';
import { notDefinedLines } from './render/theory.ts';
import { weightsText } from './render/weights.ts';
import { CONVENTIONS } from '../identify/ownEstimator.ts';
import type { NotDefined } from '../estimators/weightTables.ts';
import type { Convention } from '../identify/ownEstimator.ts';
import { CONVENTION_TEXTS, ownRows, weightRows, type WeightRow } from '../identify/weightRows.ts';

/**
 * A text as a CSV field: names of a file are anyone's. Quoted where it has to be (RFC 4180), and behind an apostrophe where
 * a spreadsheet would take it for a formula; a number stays one.
 */
export function csvField(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && Number.isNaN(decimal(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function weightsCsv(rows: readonly WeightRow[], convention: Convention): string {
  const lines = rows.map(({ estimator, n, k, c, correct, wrong }) =>
    [csvField(estimator), n, k ?? '', c, correct ?? '', wrong ?? '', convention].join(','),
  );
  return ['estimator,n,k,c,correct,wrong,convention', ...lines].join('\n');
}

/**
 * @throws InputError where every estimator asked for by name is undefined, or where a k is greater than every n and no
 * estimator asked for by name exists there
 */
function refuseUndefined(
  named: string | undefined,
  rows: readonly WeightRow[],
  notDefined: readonly NotDefined[],
  groupSizes: readonly number[],
): void {
  const largest = Math.max(...groupSizes);
  const beyond = notDefined.find(({ k }) => k !== null && k > largest);
  if (beyond) {
    throw new InputError(
      '--k',
      `at most n = ${largest}`,
      String(beyond.k),
      `${beyond.estimator}: ${beyond.reason}`,
    );
  }
  if (named === undefined || rows.length > 0 || notDefined.length === 0) return;
  const [{ estimator, n, k, reason }] = notDefined;
  throw new InputError(
    '--estimators',
    'one that exists at these n and k',
    `${estimator} at n = ${n}${k === null ? '' : `, k = ${k}`}`,
    reason,
  );
}

interface WeightsFlags extends OwnFlags {
  readonly groupSize?: string;
  readonly k?: string;
  readonly estimators?: string;
  readonly estimatorFile?: string;
  readonly csv?: true;
  readonly json?: true;
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
    .option('--json', 'print JSON')
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .action((flags: WeightsFlags) => {
      const convention = readChoice(flags.convention ?? 'sum', '--convention', CONVENTIONS);
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
      refuseUndefined(flags.estimators, rows, notDefined, groupSizes);
      const all = [...ownRows(own, convention), ...rows];
      if (flags.csv) {
        for (const line of notDefinedLines(notDefined)) say(line);
        printText(weightsCsv(all, convention));
      } else if (flags.json) printJson({ convention: CONVENTION_TEXTS[convention], rows: all, notDefined });
      else printText(weightsText(CONVENTION_TEXTS[convention], all, notDefined));
    });
}
