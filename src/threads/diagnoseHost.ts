/** What the reading thread offers: evaluation files in, a report out; tables of weights in, what they estimate out. */
import { diagnoseFiles, type Diagnosed, type DiagnoseStage, type TextSource } from '../diagnose/readFiles.ts';
import { diagnoseSettings, type SettingTexts } from '../diagnose/settings.ts';
import { answer, type Answer } from '../engine/worker/answer.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import { identifyTable, type TableIdentity } from '../identify/identify.ts';
import { ownTable, readOwnEstimators, type Convention } from '../identify/ownEstimator.ts';

export interface Judgement {
  readonly identities: readonly TableIdentity[];
  /** those that are whole */
  readonly tables: readonly WeightTable[];
}

export class DiagnoseHost {
  /**
   * @param texts settings as typed, without those that are empty
   * @param onProgress the stage and its share that is done; called across threads, never awaited
   */
  run(
    files: readonly File[],
    texts: SettingTexts,
    onProgress: (stage: DiagnoseStage, share: number) => void,
  ): Promise<Answer<Diagnosed>> {
    return answer(() =>
      diagnoseFiles(
        files.map(sourceOf),
        texts,
        (name) => diagnoseSettings[name].label,
        (stage, done, total) => onProgress(stage, done / Math.max(1, total)),
      ),
    );
  }

  /** As the command `identify` does. */
  judge(text: string, name: string, convention: Convention): Promise<Answer<Judgement>> {
    return answer(() => {
      const own = readOwnEstimators(text, name, convention);
      return Promise.resolve({
        identities: own.map(identifyTable),
        tables: own.flatMap((estimator) => ownTable(estimator) ?? []),
      });
    });
  }
}

function sourceOf(file: File): TextSource {
  return { name: file.name, path: file.name, sizeBytes: file.size, pieces: () => piecesOf(file) };
}

async function* piecesOf(file: File): AsyncGenerator<string, void, void> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
