/** What the diagnosing thread offers: files in, a report out. */
import { readColumnMap } from '../diagnose/columns.ts';
import { EvaluationBuilder } from '../diagnose/evaluation.ts';
import { readRows } from '../diagnose/readFile.ts';
import { diagnoseEvaluations, type DiagnosisReport, type SourceNote } from '../diagnose/report.ts';
import { modelsOfFiles, RowReader } from '../diagnose/rows.ts';
import { readSettings, type SettingTexts } from '../diagnose/settings.ts';
import { InputError, shown } from '../input/inputError.ts';
import { decimal } from '../input/textInput.ts';
import { answer, type Answer } from '../engine/worker/engineHost.ts';

/** As typed; empty where a field is. */
export interface DiagnoseFields extends SettingTexts {
  readonly columns?: string;
  readonly rewardThreshold?: string;
}

const FIELD_NAMES: Readonly<Record<keyof SettingTexts, string>> = {
  level: 'Level',
  resamples: 'Resamples',
  seed: 'Seed',
  k: 'k',
  groupSizes: 'Group sizes',
};

export class DiagnoseHost {
  /** @param onProgress share of all files read so far; called across threads, never awaited */
  run(
    files: readonly File[],
    fields: DiagnoseFields,
    onProgress: (share: number) => void,
  ): Promise<Answer<DiagnosisReport>> {
    return answer(async () => {
      const settings = readSettings(fields, (name) => FIELD_NAMES[name]);
      const options = {
        columns: fields.columns === undefined ? {} : readColumnMap(fields.columns, 'Columns'),
        rewardThreshold: fields.rewardThreshold === undefined ? null : threshold(fields.rewardThreshold),
      };
      const builder = new EvaluationBuilder();
      const sources: SourceNote[] = [];
      const models = modelsOfFiles(files.map(({ name }) => name));
      const total = files.reduce((sum, { size }) => sum + size, 0);
      let before = 0;
      for (const [index, file] of files.entries()) {
        const reader = new RowReader(builder, file.name, models[index], index, options);
        const columns = await readRows(piecesOf(file), file.name, reader, (characterCount) =>
          onProgress(Math.min(1, (before + characterCount) / Math.max(1, total))),
        );
        sources.push({ file: file.name, rowCount: reader.rowCount, columns });
        before += file.size;
      }
      return diagnoseEvaluations(builder.evaluations(), sources, settings, { k: FIELD_NAMES.k });
    });
  }
}

function threshold(text: string): number {
  const value = decimal(text);
  if (Number.isNaN(value)) throw new InputError('Reward threshold', 'a number', shown(text));
  return value;
}

async function* piecesOf(file: File): AsyncGenerator<string, void, void> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
