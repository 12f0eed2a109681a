/** Files of any number, each a stream of text, to a report: the one loop that the command line and the page share. */
import { EvaluationBuilder } from './evaluation.ts';
import { readRows } from './readFile.ts';
import { diagnoseEvaluations, type DiagnosisReport, type SourceNote } from './report.ts';
import { modelsOfFiles, RowReader } from './rows.ts';
import { readDiagnoseSettings, type SettingNames, type SettingTexts } from './settings.ts';

/** A file that a host can stream. */
export interface TextSource {
  /** what to call it in messages */
  readonly name: string;
  /** where it is, for the names of models: the same as `name` where the host knows no folders */
  readonly path: string;
  readonly sizeBytes: number;
  readonly pieces: () => AsyncIterable<string>;
}

export type DiagnoseStage = 'reading' | 'diagnosing';

export interface Diagnosed {
  readonly report: DiagnosisReport;
  /** what was taken for granted, a line each */
  readonly notes: readonly string[];
}

/** A slice of work after which others get a turn: a signal, a cancel, a redraw. */
const SLICE_MS = 50;

/**
 * @param names what to call a setting in an error
 * @param onProgress told of the characters read, then of the evaluations diagnosed
 * @throws InputError
 */
export async function diagnoseFiles(
  sources: readonly TextSource[],
  texts: SettingTexts,
  names: SettingNames,
  onProgress: (stage: DiagnoseStage, done: number, total: number) => void,
): Promise<Diagnosed> {
  const { settings, rows } = readDiagnoseSettings(texts, names);
  const builder = new EvaluationBuilder();
  const read: SourceNote[] = [];
  const notes: string[] = [];
  const models = modelsOfFiles(sources.map(({ path }) => path));
  const total = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let before = 0;
  for (const [index, { name, sizeBytes, pieces }] of sources.entries()) {
    const reader = new RowReader(builder, name, models[index], index, rows);
    const columns = await readRows(pieces(), name, reader, (characterCount) =>
      onProgress('reading', Math.min(total, before + characterCount), total),
    );
    read.push({ file: name, rowCount: reader.rowCount, columns });
    notes.push(...columns.guesses.map((guess) => `${name}: ${guess}`));
    before += sizeBytes;
  }
  notes.push(...builder.sharedModels().map((name) => `several files add to model ${name}`));
  let sliceStart = performance.now();
  const report = await diagnoseEvaluations(
    builder.evaluations(),
    read,
    settings,
    names,
    async (done, evaluationCount) => {
      if (performance.now() - sliceStart < SLICE_MS) return;
      onProgress('diagnosing', done, evaluationCount);
      await new Promise((resolve) => setTimeout(resolve, 0));
      sliceStart = performance.now();
    },
  );
  return { report, notes };
}
