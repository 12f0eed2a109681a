/** `diagnose`: what evaluation files say of exploration. No GPU; files of any length are streamed. */
import { createReadStream, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { diagnoseFiles, type TextSource } from '../diagnose/readFiles.ts';
import {
  DIAGNOSE_SETTING_NAMES,
  diagnoseSettings,
  type DiagnoseSettingName,
  type SettingTexts,
} from '../diagnose/settings.ts';
import { diagnosisMarkdown } from '../diagnose/tables.ts';
import { InputError, printable, shown } from '../input/inputError.ts';
import { fileName, STANDARD_INPUT, unreadable } from './files.ts';
import { printJson, printText, say } from './output.ts';
import { Progress } from './progress.ts';
import { diagnosisText } from './render/diagnosis.ts';
import { saveFile } from './results.ts';

type SettingFlags = Partial<Readonly<Record<DiagnoseSettingName, string | true>>>;

interface DiagnoseFlags extends SettingFlags {
  readonly json?: true;
  readonly markdown?: true;
  readonly save?: string;
}

/** "groupSizes" → "--group-sizes" */
const flagOf = (name: DiagnoseSettingName): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export function addDiagnose(program: Command): void {
  const command = program
    .command('diagnose')
    .description('pass@k of evaluation files, how sure it is, and what training on them would see; no GPU')
    .argument(
      '<files...>',
      'CSV, JSONL, JSON, Parquet, also gzip: problem, n, correct[, model], or a row per sample: problem, correct or reward[, model, checkpoint]; ' +
        'or what a harness wrote (docs/formats.md); folders; - for standard input',
    );
  for (const name of DIAGNOSE_SETTING_NAMES) {
    const { value, help, usual } = diagnoseSettings[name];
    const option = new Option(`${flagOf(name)} ${value}`.trim(), help);
    command.addOption(usual === '' ? option : option.default(usual));
  }
  command
    .option('--json', 'print JSON')
    .addOption(new Option('--markdown', 'print Markdown').conflicts('json'))
    .option('--save <file>', 'write it there instead of printing it')
    .action(async (paths: string[], flags: DiagnoseFlags) => {
      const progress = {
        reading: new Progress('passk-bench diagnose', 'characters'),
        diagnosing: new Progress('passk-bench diagnose', 'evaluations'),
      };
      const sources = paths.flatMap(sourcesOf);
      requireDistinct(sources.map(({ path }) => path));
      const { report, notes } = await diagnoseFiles(sources, textsOf(flags), flagOf, (stage, done, total) =>
        progress[stage].show(stage, done, total),
      ).finally(() => progress.diagnosing.clear());
      for (const note of notes) say(`passk-bench: ${printable(note, 200)}`);
      const text = flags.json
        ? JSON.stringify(report)
        : flags.markdown
          ? diagnosisMarkdown(report)
          : diagnosisText(report);
      if (flags.save !== undefined) saveFile(flags.save, '--save', `${text}\n`);
      else if (flags.json) printJson(report);
      else printText(text);
    });
}

/** A flag without a value is a yes. */
function textsOf(flags: SettingFlags): SettingTexts {
  return Object.fromEntries(
    DIAGNOSE_SETTING_NAMES.flatMap((name) => {
      const value = flags[name];
      return value === undefined ? [] : [[name, value === true ? 'yes' : value]];
    }),
  );
}

/** @throws InputError */
function requireDistinct(paths: readonly string[]): void {
  const places = paths.map((path) => (path === STANDARD_INPUT ? path : realpathSync(path)));
  const twice = places.find((place, i) => places.indexOf(place) < i);
  if (twice !== undefined) {
    throw new InputError('diagnose', 'different files', `${shown(fileName(twice))} twice`, 'name it once');
  }
}

/** Small pieces leave garbage that is soon collected: ten million rows took 160 MB with these, 410 with a megabyte. */
const PIECE_BYTES = 2 ** 16;

async function* pieces(path: string): AsyncGenerator<Uint8Array, void, void> {
  const stream =
    path === STANDARD_INPUT ? process.stdin : createReadStream(path, { highWaterMark: PIECE_BYTES });
  for await (const piece of stream) yield piece as Uint8Array;
}

/** Endings that results have; other files of a folder are none. */
const RESULT = /\.(csv|tsv|jsonl|ndjson|json|eval|parquet)(\.gz)?$/i;
const MOST_FILES = 100_000;

/** A file, a pipe, or the files of a folder. @throws InputError */
function sourcesOf(path: string): TextSource[] {
  const where = `diagnose ${shown(path)}`;
  if (path === STANDARD_INPUT) {
    return [{ name: 'standard input', path, sizeBytes: 0, pieces: () => pieces(path) }];
  }
  try {
    const status = statSync(path);
    if (status.isDirectory()) return folderSources(path, where);
    // A device may never end.
    if (!status.isFile() && !status.isFIFO())
      throw new InputError(where, 'a file, a pipe or a folder', 'something else', 'save it to a file first');
    return [{ name: fileName(path), path, sizeBytes: status.size, pieces: () => pieces(path) }];
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw unreadable(where, error);
  }
}

function folderSources(path: string, where: string): TextSource[] {
  const found = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && RESULT.test(entry.name) && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (found.length === 0 || found.length > MOST_FILES) {
    throw new InputError(
      where,
      'a folder of results: csv, jsonl, json, eval, parquet, or these as gz',
      found.length === 0 ? 'one without' : `${found.length} files`,
    );
  }
  return found.map((file) => ({
    name: fileName(file),
    path: file,
    sizeBytes: statSync(file).size,
    pieces: () => pieces(file),
    mayBeOther: true,
  }));
}
