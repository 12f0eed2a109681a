/**
 * Evaluation results as counts: for each model (and checkpoint) and each problem, how many samples and how many of them
 * correct. Rows of any number are added up here; memory grows with problems, never with rows.
 */
import { InputError, shown } from '../input/inputError.ts';

export interface ProblemCount {
  n: number;
  correct: number;
}

/** One model, or one checkpoint of it. */
export interface Evaluation {
  readonly model: string;
  readonly checkpoint: string | null;
  readonly problems: ReadonlyMap<string, Readonly<ProblemCount>>;
}

/** "model @ checkpoint" */
export function evaluationName({ model, checkpoint }: Pick<Evaluation, 'model' | 'checkpoint'>): string {
  return checkpoint === null ? model : `${model} @ ${checkpoint}`;
}

interface Growing {
  readonly model: string;
  readonly checkpoint: string | null;
  readonly problems: Map<string, ProblemCount & { file: number }>;
  readonly files: Set<number>;
}

/** A slice of a chunk keeps the whole chunk alive; a key must not. */
function detached(text: string): string {
  return ` ${text}`.slice(1);
}

export class EvaluationBuilder {
  readonly #all = new Map<string, Growing>();
  #last: Growing | null = null;
  #lastFile = -1;

  /** Adds one sample. */
  addSample(model: string, checkpoint: string | null, problem: string, correct: 0 | 1, file: number): void {
    const cell = this.#cell(this.#entry(model, checkpoint, file), problem, file);
    cell.n += 1;
    cell.correct += correct;
  }

  /**
   * Adds a problem's counts.
   *
   * @param file which of the files: shards may add to each other, a file may not repeat itself
   * @returns false where this file has had the problem before
   */
  addCounts(
    model: string,
    checkpoint: string | null,
    problem: string,
    counts: ProblemCount,
    file: number,
  ): boolean {
    const entry = this.#entry(model, checkpoint, file);
    const known = entry.problems.get(problem);
    if (known?.file === file) return false;
    const cell = this.#cell(entry, problem, file);
    cell.file = file;
    cell.n += counts.n;
    cell.correct += counts.correct;
    return true;
  }

  /** Models that several files add to, by name. */
  sharedModels(): string[] {
    return [...this.#all.values()].filter(({ files }) => files.size > 1).map(evaluationName);
  }

  /** In the order in which they came; checkpoints that are numbered alike in the order of their numbers. @throws InputError where there is none */
  evaluations(): Evaluation[] {
    const all = [...this.#all.values()];
    if (all.length === 0) throw new InputError('input', 'at least one row', 'none');
    const models = [...new Set(all.map(({ model }) => model))];
    return models.flatMap((model) => inOrder(all.filter((entry) => entry.model === model)));
  }

  #entry(model: string, checkpoint: string | null, file: number): Growing {
    if (this.#last?.model === model && this.#last.checkpoint === checkpoint && this.#lastFile === file) {
      return this.#last;
    }
    const key = JSON.stringify([model, checkpoint]);
    let entry = this.#all.get(key);
    if (!entry) {
      entry = {
        model: detached(model),
        checkpoint: checkpoint === null ? null : detached(checkpoint),
        problems: new Map(),
        files: new Set(),
      };
      this.#all.set(key, entry);
    }
    entry.files.add(file);
    this.#last = entry;
    this.#lastFile = file;
    return entry;
  }

  #cell({ problems }: Growing, problem: string, file: number): ProblemCount & { file: number } {
    let cell = problems.get(problem);
    if (!cell) {
      cell = { n: 0, correct: 0, file };
      problems.set(detached(problem), cell);
    }
    return cell;
  }
}

/** "step-20" before "step-100" and .5 before 1.0, where all are one word and a number; else as they came. */
export function areNumbered(checkpoints: readonly (string | null)[]): boolean {
  const parts = checkpoints.map((name) => NUMBERED.exec(name ?? ''));
  return parts.every((part) => part !== null && part[1] === parts[0]?.[1]);
}

const NUMBERED = /^(\D*?)(\d*\.?\d+)$/;

function inOrder<Entry extends Pick<Evaluation, 'checkpoint'>>(entries: readonly Entry[]): Entry[] {
  if (!areNumbered(entries.map(({ checkpoint }) => checkpoint))) return [...entries];
  const number = ({ checkpoint }: Entry): number => Number(NUMBERED.exec(checkpoint ?? '')?.[2]);
  return [...entries].sort((a, b) => number(a) - number(b));
}

/** Least n of any problem. */
export function leastSamples({ problems }: Evaluation): number {
  let least = Infinity;
  for (const { n } of problems.values()) least = Math.min(least, n);
  return least;
}

/** @throws InputError where a k cannot be estimated */
export function checkKs(ks: readonly number[], evaluations: readonly Evaluation[], where: string): void {
  for (const evaluation of evaluations) {
    const least = leastSamples(evaluation);
    const beyond = ks.find((k) => k > least);
    if (beyond === undefined) continue;
    throw new InputError(
      where,
      `at most ${least}, the least number of samples of a problem of ${shown(evaluationName(evaluation))}`,
      String(beyond),
      'no unbiased estimator of pass@k exists for k > n: draw more samples, or ask for a smaller k',
    );
  }
}
