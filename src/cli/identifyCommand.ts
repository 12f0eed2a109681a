/**
 * `identify`: is this advantage right? What a table over c estimates, by name where it is a known mistake, and its exact
 * variance beside the catalogue's.
 */
import type { Command } from 'commander';
import { readInteger } from '../input/textInput.ts';
import { EXIT } from './exit.ts';
import { isParquet } from '../input/parquetMark.ts';
import { decoded, fileName, readBytes, readProblem, STANDARD_INPUT } from './files.ts';
import { conventionFlag, MAX_K, missingFlag, ownEstimators, type OwnFlags } from './flags.ts';
import { printJson, printText } from './output.ts';
import type { Tools } from './tools.ts';
import { formatNumber, formatSamples } from '../view/format.ts';
import { asSum, identifyTable, type TableIdentity } from '../identify/identify.ts';
import { findEstimator, readEstimator } from '../estimators/estimatorSpec.ts';
import { estimators, type Estimator } from '../estimators/estimators.ts';
import { signalToNoise, totalVariance, weightMoments } from '../theory/estimatorTheory.ts';
import { ORACLE_MINIMUM, oracleMinimumVariance } from '../theory/oracleMinimum.ts';
import { LOG_ROLES, readLogColumns, type LogOptions } from '../identify/logColumns.ts';
import { ownTable, type Convention, type OwnEstimator } from '../identify/ownEstimator.ts';
import { passAtKWeight } from '../math/passAtK.ts';
import { compileProblem, type Problem } from '../problem/problem.ts';
import { solvePrompt, type PromptTheory } from '../theory/promptTheory.ts';
import { weightTable, type WeightTable } from '../estimators/weightTables.ts';
import { evenBandit } from '../problem/workloads.ts';
import { plainTable } from './render/plainTable.ts';
import { wrapped } from './render/section.ts';

export interface Identification extends TableIdentity {
  /** exact, at each prompt; null where weights are missing */
  readonly variances: readonly PromptVariances[] | null;
}

export interface PromptVariances {
  readonly prompt: string;
  readonly successProb: number;
  readonly rows: readonly {
    readonly estimator: string;
    readonly k: number | null;
    readonly variance: number;
    readonly snr: number | null;
  }[];
}

const ARMS = 6;
const CORRECT_ARMS = 2;
const SUCCESS_PROBS = [0.1, 0.5, 0.9];

/** Where variances are shown if no problem is given. */
export function referenceProblem(): Problem {
  return compileProblem(evenBandit(ARMS, CORRECT_ARMS, SUCCESS_PROBS));
}

export function identify(own: readonly OwnEstimator[], problem: Problem): Identification[] {
  const solved = problem.prompts.map((prompt) => ({ id: prompt.id, theory: solvePrompt(problem, prompt) }));
  return own.map((estimator) => {
    const diagnosis = identifyTable(estimator);
    const table = ownTable(asSum(estimator));
    const k = diagnosis.curve?.k ?? null;
    return {
      ...diagnosis,
      variances: table && solved.map(({ id, theory }) => variancesOf(table, k, id, theory)),
    };
  });
}

/** The own table beside the unbiased rows of the same k (pass@1 where none is known) and the least there can be. */
function variancesOf(own: WeightTable, k: number | null, id: string, theory: PromptTheory): PromptVariances {
  const { n } = own;
  const target = k !== null && k <= n ? k : 1;
  const peers = estimators.filter(
    ({ objective, usesK, undefinedBecause }) =>
      undefinedBecause(n, target) === null &&
      (usesK ? objective.estimates === 'pass@k' : objective.estimates === 'pass@1' && target === 1),
  );
  const row = (table: WeightTable): PromptVariances['rows'][number] => {
    const weights = weightMoments(table, theory.successProb, theory.failureProb);
    return {
      estimator: table.estimatorId,
      k: table.k,
      variance: totalVariance(weights, theory),
      snr: signalToNoise(weights, theory),
    };
  };
  return {
    prompt: id,
    successProb: theory.successProb,
    rows: [
      row(own),
      ...peers.map((estimator) => row(weightTable(estimator, n, estimator.usesK ? target : null))),
      {
        estimator: ORACLE_MINIMUM,
        k: target,
        ...leastVariance(theory, n, target),
      },
    ],
  };
}

function leastVariance(
  theory: PromptTheory,
  n: number,
  k: number,
): { readonly variance: number; readonly snr: number | null } {
  const variance = oracleMinimumVariance(theory, n, k);
  const alpha = passAtKWeight(theory.successProb, k, theory.failureProb);
  return { variance, snr: variance > 0 ? (alpha / variance) * alpha * theory.gradientNormSq : null };
}

/** Whether a table that says which k it is for estimates something else. */
export function missesItsK({ k, matchedK, estimates }: TableIdentity): boolean {
  return k !== null && estimates !== 'unknown' && (estimates !== 'unbiased' || matchedK !== k);
}

export function identificationText(found: readonly Identification[]): string {
  return found.map(oneText).join('\n\n');
}

const CONVENTION_NOTES = {
  sum: 'G = sum_i A_i grad log pi(y_i)',
  mean: 'G = (1/n) sum_i A_i grad log pi(y_i)',
};

const CENTRED_TEXTS = {
  true: 'Centred: its weights sum to 0 in every group.',
  false: 'Not centred: there are groups whose weights do not sum to 0.',
  null: 'Perhaps centred: the groups whose weights are all in the file sum to 0.',
};

function oneText(found: Identification): string {
  const { name, n, k, centred, missing, finding, alsoFits, curve, variances, mixture } = found;
  return [
    `${name}, n = ${n}${k === null ? '' : `, said to be for k = ${k}`}:`,
    `  ${finding}.`,
    ...(alsoFits === '' ? [] : [`  It ${alsoFits}.`]),
    ...verdictLine(found),
    ...(found.notes.length > 0
      ? [wrapped(`  Read as: ${found.notes.join('; ')}; ${CONVENTION_NOTES[found.convention]}.`)]
      : []),
    `  ${CENTRED_TEXTS[String(centred) as keyof typeof CENTRED_TEXTS]}`,
    ...(missing.length > 0 ? [`  Not in the file: ${listed(missing)}.`] : []),
    ...(found.estimates === 'other' && mixture ? [`  E G is the gradient of ${mixtureText(mixture)}.`] : []),
    ...(curve
      ? [
          '',
          plainTable(
            ['  p', 'alpha_eff', `alpha_${curve.k}`, 'ratio'],
            curve.rows.map((row) =>
              [row.successProb, row.effectiveAlpha, row.alpha, row.ratio].map((value, column) =>
                column === 0 ? `  ${formatNumber(value)}` : formatNumber(value),
              ),
            ),
          ),
        ]
      : []),
    ...(variances && variances.length > 0 ? ['', variancesText(variances, n)] : []),
  ].join('\n');
}

/** What the first line means to someone who asks whether it is right. */
function verdictLine({ sameAs, mistakes, missing, estimates }: Identification): string[] {
  const row = sameAs.at(0);
  const known = row && findEstimator(row.estimator);
  if (mistakes.length > 0) return ['  A mistake that has a name, unless it was meant.'];
  if (!known || Math.abs(row.factor - 1) > 1e-6 || (estimates === 'unknown' && missing.length > 0)) return [];
  return [wrapped(`  No mistake: ${known.title} (${known.source}), as it stands in the catalogue.`)];
}

/** Variance, which a factor scales by its square, and samples for SNR 1, which it does not change. */
function variancesText(variances: readonly PromptVariances[], n: number): string {
  const shown = variances.slice(0, 4);
  const more =
    variances.length > shown.length ? `, the first ${shown.length} of ${variances.length} prompts` : '';
  return plainTable(
    [
      `  Var G; samples for SNR 1${more}`,
      ...shown.flatMap(({ successProb }) => [`J1 = ${formatNumber(successProb)}`, 'samples']),
    ],
    shown[0].rows.map(({ estimator, k }, row) => [
      `  ${estimator}${k === null ? '' : ` k = ${k}`}`,
      ...shown.flatMap(({ rows }) => {
        const { variance, snr } = rows[row];
        return [formatNumber(variance), snr === null || snr === 0 ? '-' : formatSamples(n / snr)];
      }),
    ]),
  );
}

function mixtureText(mixture: readonly number[]): string {
  const terms = mixture.flatMap((coefficient, i) =>
    coefficient === 0 ? [] : [`${Number(coefficient.toPrecision(4))} J_${i + 1}`],
  );
  return terms.slice(0, 8).join(' + ').replaceAll('+ -', '- ') + (terms.length > 8 ? ' + ...' : '');
}

function listed(names: readonly string[]): string {
  return names.length <= 8
    ? names.join(', ')
    : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
}

interface IdentifyFlags extends OwnFlags {
  readonly k?: string;
  readonly problem?: string;
  readonly columns?: string;
  readonly group?: string;
  readonly batch?: string;
  readonly average?: true;
  readonly expect?: string;
  readonly json?: true;
}

export function addIdentify(program: Command, tools: Tools): void {
  program
    .command('identify')
    .description('what an advantage of your own estimates: right, a known mistake by name, or something else')
    .argument(
      '<file>',
      'a log of a trainer (CSV, JSONL, JSON, Parquet: prompt, step, reward, advantage; or n, c, reward, advantage), or passk-estimator@1; - for standard input',
    )
    .option(
      '--group <column+...>',
      'of a log: columns that make a group together, where prompt and step do not',
    )
    .option(
      '--columns <role=name,...>',
      `of a log: columns by another name, roles being ${LOG_ROLES.join(', ')}`,
    )
    .option('--batch <column>', 'of a log: a column whose values have a factor each, which is taken out')
    .option('--average', 'of a log: the mean where advantages vary with n, c and the reward being the same')
    .addOption(conventionFlag())
    .addOption(missingFlag())
    .option('--k <k>', 'what it is meant for, where the file does not say')
    .option(
      '--expect <id>',
      'exit code 1 unless it is this row of the catalogue with these parameters, as in grpo:std=sample:eps=1e-6 (grpo alone is std=population, eps=0)',
    )
    .option('--problem <file>', 'where to compare variances, instead of six arms at J1 = .1, .5, .9')
    .option('--json', 'print JSON')
    .action(async (path: string, flags: IdentifyFlags) => {
      const meantK = flags.k === undefined ? null : readInteger(flags.k, '--k', 1, MAX_K);
      const options = logOptions(flags);
      const wanted = flags.expect === undefined ? null : readEstimator(flags.expect, '--expect');
      const name = path === STANDARD_INPUT ? 'standard input' : fileName(path);
      const bytes = readBytes(path, 'identify', 'streams');
      // As some trainers keep their completions.
      const text = isParquet(bytes) ? await parquetText(bytes, name) : decoded(bytes);
      const own = ownEstimators(text, name, flags, options).map((table) => ({
        ...table,
        k: table.k ?? meantK,
      }));
      const problem = flags.problem === undefined ? referenceProblem() : readProblem(flags.problem);
      const found = identify(own, problem);
      const isMet = wanted === null || found.every((own) => isRow(own, wanted, meantK));
      if (flags.json) {
        printJson({
          convention: sharedConvention(found),
          ...(wanted === null ? {} : { expected: { id: wanted.id, isMet } }),
          estimators: found,
        });
      } else {
        const verdict =
          wanted === null
            ? []
            : [
                isMet
                  ? `As expected: ${wanted.id}.`
                  : `NOT as expected: not ${wanted.id}, but ${nameOf(found[0])}.`,
              ];
        printText([identificationText(found), ...verdict].join('\n\n'));
      }
      if (!isMet || found.some(missesItsK)) tools.exit(EXIT.disagrees);
    });
}

/** A name in a few words. */
function nameOf({ mistakes, sameAs, estimates }: TableIdentity): string {
  const row = sameAs.at(0);
  if (mistakes.length > 0) return mistakes[0].split(':')[0];
  return row === undefined
    ? `without a name (${estimates})`
    : `${row.factor === 1 ? '' : `${Number(row.factor.toPrecision(4))} times `}${row.estimator}`;
}

/** Whether a table is the row, as it is: at its k, and with an ε that its digits do not contradict. */
function isRow({ sameAs }: TableIdentity, wanted: Estimator, k: number | null): boolean {
  const withoutEps = (spec: string): string => spec.replace(/:eps=[^:]*/, '');
  const eps = Number(/:eps=([^:]*)/.exec(wanted.id)?.[1] ?? 0);
  return sameAs.some(
    ({ estimator, k: ofK, factor, unseenEps = 0, epsRange = [0, unseenEps] }) =>
      Math.abs(factor - 1) < 1e-3 &&
      (!wanted.usesK || ofK === (k ?? ofK)) &&
      (findEstimator(estimator)?.id === wanted.id ||
        (withoutEps(estimator) === withoutEps(wanted.id) && eps >= epsRange[0] && eps <= epsRange[1])),
  );
}

/** @throws InputError */
function logOptions({ columns, group, batch, average }: IdentifyFlags): LogOptions {
  return {
    columns: columns === undefined ? {} : readLogColumns(columns, '--columns'),
    group: group === undefined ? null : group.split('+').map((column) => column.trim()),
    batch: batch ?? null,
    average: average === true,
  };
}

async function parquetText(bytes: Uint8Array, name: string): Promise<string> {
  const { parquetRecords } = await import('../input/parquet.ts');
  return JSON.stringify(await parquetRecords(bytes, name));
}

/** That of all tables, or null where they differ: each says its own. */
function sharedConvention(found: readonly Identification[]): Convention | null {
  const [first] = found;
  return found.every(({ convention }) => convention === first.convention) ? first.convention : null;
}
