/** `diagnose`: what evaluation files say of exploration. No GPU; files of any length are streamed. */
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { diagnosisText } from './render/diagnosis.ts';
import { readColumnMap } from '../diagnose/columns.ts';
import { EvaluationBuilder } from '../diagnose/evaluation.ts';
import { readRows } from '../diagnose/readFile.ts';
import { diagnoseEvaluations, type DiagnosisReport, type SourceNote } from '../diagnose/report.ts';
import { modelsOfFiles, RowReader, type RowOptions } from '../diagnose/rows.ts';
import { diagnosisMarkdown } from '../diagnose/tables.ts';
import { readSettings, type DiagnoseSettings, type SettingTexts } from '../diagnose/settings.ts';
import { InputError, printable, shown } from '../input/inputError.ts';
import { decimal } from '../input/textInput.ts';
import { fileName } from './files.ts';
import { printJson, printText, say } from './output.ts';
import { Progress } from './progress.ts';
import { saveFile } from './results.ts';

interface DiagnoseFlags extends SettingTexts {
  readonly columns?: string;
  readonly rewardThreshold?: string;
  readonly json?: true;
  readonly markdown?: true;
  readonly save?: string;
}

const FLAG_NAMES: Readonly<Record<keyof SettingTexts, string>> = {
  level: '--level',
  resamples: '--resamples',
  seed: '--seed',
  k: '--k',
  groupSizes: '--group-sizes',
};

export function addDiagnose(program: Command): void {
  program
    .command('diagnose')
    .description('pass@k of evaluation files, how sure it is, and what training on them would see; no GPU')
    .argument(
      '<files...>',
      'CSV or JSONL: problem, n, correct[, model], or a row per sample: problem, correct or reward[, model, checkpoint]',
    )
    .option(
      '--columns <role=name,...>',
      'columns by another name, e.g. problem=task_id,correct=passed; checkpoint=- for none',
    )
    .option(
      '--reward-threshold <x>',
      'rewards from here on are correct (without it only 0 and 1 are understood)',
    )
    .option('--k <k,...>', 'k beside those of the curve')
    .option('--level <level>', 'of intervals', '0.95')
    .option('--resamples <count>', 'of problems, for the bootstrap', '2000')
    .option('--seed <seed>', 'of the bootstrap', '1')
    .option('--group-sizes <n,...>', 'n of the groups that training would draw', '8,16,32,64')
    .option('--json', 'print JSON')
    .addOption(new Option('--markdown', 'print Markdown').conflicts('json'))
    .option('--save <file>', 'write it there instead of printing it')
    .action(async (paths: string[], flags: DiagnoseFlags) => {
      const settings = readSettings(flags, (name) => FLAG_NAMES[name]);
      const options: RowOptions = {
        columns: flags.columns === undefined ? {} : readColumnMap(flags.columns, '--columns'),
        rewardThreshold: flags.rewardThreshold === undefined ? null : threshold(flags.rewardThreshold),
      };
      const report = await diagnoseFiles(paths, options, settings);
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

function threshold(text: string): number {
  const value = decimal(text);
  if (Number.isNaN(value)) throw new InputError('--reward-threshold', 'a number', shown(text));
  return value;
}

async function diagnoseFiles(
  paths: readonly string[],
  options: RowOptions,
  settings: DiagnoseSettings,
): Promise<DiagnosisReport> {
  const builder = new EvaluationBuilder();
  const sources: SourceNote[] = [];
  const sizes = paths.map(sizeOf);
  const places = paths.map((path) => realpathSync(path));
  const twice = places.find((place, i) => places.indexOf(place) < i);
  if (twice !== undefined) {
    throw new InputError('diagnose', 'different files', `${shown(fileName(twice))} twice`, 'name it once');
  }
  const models = modelsOfFiles(paths);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const progress = new Progress('passk-bench diagnose', 'characters');
  let before = 0;
  for (const [index, path] of paths.entries()) {
    const file = fileName(path);
    const reader = new RowReader(builder, file, models[index], index, options);
    try {
      const columns = await readRows(pieces(path), file, reader, (characterCount) =>
        progress.show('reading', before + characterCount, total),
      );
      sources.push({ file, rowCount: reader.rowCount, columns });
      progress.clear();
      for (const guess of columns.guesses) say(`passk-bench: ${file}: ${guess}`);
    } finally {
      progress.clear();
    }
    before += sizes[index];
  }
  for (const name of builder.sharedModels()) {
    say(`passk-bench: several files add to model ${printable(name, 80)}`);
  }
  return diagnoseEvaluations(builder.evaluations(), sources, settings);
}

/** Small pieces leave garbage that is soon collected: ten million rows took 160 MB with these, 410 with a megabyte. */
const PIECE_BYTES = 2 ** 16;

async function* pieces(path: string): AsyncGenerator<string, void, void> {
  for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: PIECE_BYTES })) {
    yield piece as string;
  }
}

/** @throws InputError */
function sizeOf(path: string): number {
  const where = `diagnose ${shown(path)}`;
  try {
    const status = statSync(path);
    // A pipe or a device may never end.
    if (!status.isFile()) throw new InputError(where, 'a file', 'something else', 'save it to a file first');
    return status.size;
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'an error';
    throw new InputError(where, 'a readable file', code, 'check the path');
  }
}
