/** What the reading thread offers: evaluation files in, a report out; tables of weights in, what they estimate out. */
import { diagnoseFiles, type Diagnosed, type DiagnoseStage, type TextSource } from '../diagnose/readFiles.ts';
import { diagnoseSettings, type SettingTexts } from '../diagnose/settings.ts';
import { answer, type Answer } from '../engine/worker/answer.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import { asSum, identifyTable, type TableIdentity } from '../identify/identify.ts';
import { readLogFlags } from '../identify/logColumns.ts';
import { ownTable, type Convention } from '../identify/ownEstimator.ts';
import { readOwnEstimators } from '../identify/readOwn.ts';

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

  /**
   * As the command `identify` does.
   *
   * @param convention 'open' for what has a name
   * @param flags what it asked for, as on a command line: "--group prompt+step"
   */
  judge(
    text: string,
    name: string,
    convention: Convention | 'open',
    flags: string,
  ): Promise<Answer<Judgement>> {
    return answer(() => {
      const own = readOwnEstimators(text, name, convention, readLogFlags(flags, 'options'));
      return Promise.resolve({
        identities: own.map(identifyTable),
        tables: own.flatMap((estimator) => ownTable(asSum(estimator)) ?? []),
      });
    });
  }
}

function sourceOf(file: File): TextSource {
  return { name: file.name, path: file.name, sizeBytes: file.size, pieces: () => piecesOf(file) };
}

async function* piecesOf(file: File): AsyncGenerator<Uint8Array, void, void> {
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
