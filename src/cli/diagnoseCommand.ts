/** `diagnose`: what evaluation files say of exploration. No GPU; files of any length are streamed. */
import { createReadStream, realpathSync, statSync } from 'node:fs';
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
import { fileName, unreadable } from './files.ts';
import { printJson, printText, say } from './output.ts';
import { Progress } from './progress.ts';
import { diagnosisText } from './render/diagnosis.ts';
import { saveFile } from './results.ts';

interface DiagnoseFlags extends SettingTexts {
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
      'CSV or JSONL: problem, n, correct[, model], or a row per sample: problem, correct or reward[, model, checkpoint]',
    );
  for (const name of DIAGNOSE_SETTING_NAMES) {
    const { value, help, usual } = diagnoseSettings[name];
    const option = new Option(`${flagOf(name)} ${value}`, help);
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
      const sources = paths.map(sourceOf);
      requireDistinct(paths);
      const { report, notes } = await diagnoseFiles(sources, flags, flagOf, (stage, done, total) =>
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

/** @throws InputError */
function requireDistinct(paths: readonly string[]): void {
  const places = paths.map((path) => realpathSync(path));
  const twice = places.find((place, i) => places.indexOf(place) < i);
  if (twice !== undefined) {
    throw new InputError('diagnose', 'different files', `${shown(fileName(twice))} twice`, 'name it once');
  }
}

/** Small pieces leave garbage that is soon collected: ten million rows took 160 MB with these, 410 with a megabyte. */
const PIECE_BYTES = 2 ** 16;

async function* pieces(path: string): AsyncGenerator<string, void, void> {
  for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: PIECE_BYTES })) {
    yield piece as string;
  }
}

/** @throws InputError */
function sourceOf(path: string): TextSource {
  const where = `diagnose ${shown(path)}`;
  try {
    const status = statSync(path);
    // A pipe or a device may never end.
    if (!status.isFile()) throw new InputError(where, 'a file', 'something else', 'save it to a file first');
    return { name: fileName(path), path, sizeBytes: status.size, pieces: () => pieces(path) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw unreadable(where, error);
  }
}
