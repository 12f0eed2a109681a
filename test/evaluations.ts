/** Evaluations for tests: read from a text, or drawn from known p. */
import { EvaluationBuilder, type Evaluation } from '../src/diagnose/evaluation.ts';
import { placesOfFiles } from '../src/diagnose/fileModels.ts';
import { readFile } from '../src/diagnose/readFile.ts';
import { RowReader } from '../src/diagnose/rows.ts';
import type { RowOptions } from '../src/diagnose/settings.ts';
import { openStream } from '../src/math/random/stream.ts';

/** Settings go by the command line's flags. */
export const PLAIN: RowOptions = {
  columns: {},
  rewardThreshold: null,
  where: [],
  dedupe: false,
  model: null,
  missing: 'as they are',
  names: (name) => `--${name.replace('rewardT', 'reward-t')}`,
};

/** Reads a text cut into pieces of a few characters, as a stream may bring it. */
export async function readEvaluations(
  text: string,
  name = 'eval.csv',
  options: Partial<RowOptions> = {},
  pieceLength = 7,
): Promise<Evaluation[]> {
  const builder = new EvaluationBuilder();
  // eslint-disable-next-line @typescript-eslint/require-await
  async function* pieces(): AsyncGenerator<string, void, void> {
    for (let at = 0; at < text.length; at += pieceLength) yield text.slice(at, at + pieceLength);
  }
  const [place] = placesOfFiles([name], null);
  const all = { ...PLAIN, ...options };
  const reader = new RowReader(builder, name, place, 0, all);
  await readFile(
    pieces(),
    { reader, builder, file: name, path: name, place, fileIndex: 0, options: all },
    () => undefined,
  );
  return builder.evaluations();
}

/** Samples of problems with known p. */
export function synthetic(probs: readonly number[], n: number, seed: number, model = 'm'): Evaluation {
  const problems = new Map<string, { n: number; correct: number }>();
  probs.forEach((p, i) => {
    const next = openStream(seed, 77, i, n, 0);
    let correct = 0;
    for (let s = 0; s < n; s += 1) if (next() / 2 ** 32 < p) correct += 1;
    problems.set(`p${i}`, { n, correct });
  });
  return { model, checkpoint: null, problems };
}
