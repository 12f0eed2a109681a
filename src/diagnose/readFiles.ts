/** Files of any number, each a stream, to a report: the one loop that the command line and the page share. */
import type { InputError } from '../input/inputError.ts';
import { NotResults } from './notResults.ts';
import type { Piece } from './bytes.ts';
import { EvaluationBuilder, withAllSamples } from './evaluation.ts';
import { placesOfFiles } from './fileModels.ts';
import { readFile } from './readFile.ts';
import { diagnoseEvaluations, type DiagnosisReport, type SourceNote } from './report.ts';
import { RowReader } from './rows.ts';
import { readDiagnoseSettings, type SettingNames, type SettingTexts } from './settings.ts';

/** A file that a host can stream. */
export interface TextSource {
  /** what to call it in messages */
  readonly name: string;
  /** where it is, for the names of models: the same as `name` where the host knows no folders */
  readonly path: string;
  readonly sizeBytes: number;
  readonly pieces: () => AsyncIterable<Piece>;
  /** one of a folder: passed over, and said so, where it holds no outcomes */
  readonly mayBeOther?: true;
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
  const passedOver: string[] = [];
  let refusal: InputError | null = null;
  const places = placesOfFiles(
    sources.map(({ path }) => path),
    rows.model,
  );
  const total = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let before = 0;
  for (const [index, { name, path, sizeBytes, pieces, mayBeOther }] of sources.entries()) {
    const reader = new RowReader(builder, name, places[index], index, rows);
    const target = {
      reader,
      builder,
      file: name,
      path,
      place: places[index],
      fileIndex: index,
      options: rows,
    };
    try {
      const {
        columns,
        rowCount,
        format,
        notes: own,
      } = await readFile(pieces(), target, (count) =>
        onProgress('reading', Math.min(total, before + count), total),
      );
      read.push({ file: name, rowCount, columns, format: format?.id ?? null });
      notes.push(...[...columns.guesses, ...own].map((words) => `${name}: ${words}`));
    } catch (error) {
      // What holds results is not passed over because of a fault in it.
      if (!(error instanceof NotResults) || !mayBeOther || builder.hasOf(index)) throw error;
      refusal ??= error;
      passedOver.push(name);
    }
    before += sizeBytes;
  }
  if (read.length === 0 && refusal) throw refusal;
  if (passedOver.length > 0) {
    const named = passedOver.slice(0, 3).join(', ');
    notes.push(
      `${passedOver.length} files of the folder hold no outcomes and are passed over: ${named}${passedOver.length > 3 ? ', ...' : ''}`,
    );
  }
  notes.push(...builder.sharedModels().map((name) => `several files add to model ${name}`));
  const whole = withAllSamples(builder.evaluations(), settings, names('leastN'));
  notes.push(...whole.notes);
  let sliceStart = performance.now();
  const report = await diagnoseEvaluations(
    whole.evaluations,
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
  return { report, notes: shortened(notes) };
}

/** Files that say alike things say them together, once they are many. */
const FEW_FILES = 3;

function shortened(notes: readonly string[]): string[] {
  const kinds = new Map<string, string[]>();
  for (const note of notes) {
    const words = note.replace(/^[^:]*: /, '');
    kinds.set(words, [...(kinds.get(words) ?? []), note]);
  }
  return [...kinds].flatMap(([words, own]) =>
    own.length > FEW_FILES ? [`${own.length} files: ${words}`] : own,
  );
}
