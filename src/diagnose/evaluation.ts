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

interface Cell extends ProblemCount {
  file: number;
  /** what the file said last, where the last of a file counts */
  last?: ProblemCount;
}

interface Growing {
  readonly model: string;
  readonly checkpoint: string | null;
  readonly problems: Map<string, Cell>;
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

  /** A sample that stood there before: what it is now counts. */
  replaceSample(
    model: string,
    checkpoint: string | null,
    problem: string,
    before: 0 | 1,
    correct: 0 | 1,
    file: number,
  ): void {
    this.#cell(this.#entry(model, checkpoint, file), problem, file).correct += correct - before;
  }

  /** Adds counts to those that the problem has. */
  addMore(
    model: string,
    checkpoint: string | null,
    problem: string,
    { n, correct }: ProblemCount,
    file: number,
  ): void {
    const cell = this.#cell(this.#entry(model, checkpoint, file), problem, file);
    cell.n += n;
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
    repeated: 'once' | 'the last counts' = 'once',
  ): boolean {
    const entry = this.#entry(model, checkpoint, file);
    const known = entry.problems.get(problem);
    const isNew = known?.file !== file;
    if (!isNew && repeated === 'once') return false;
    const cell = this.#cell(entry, problem, file);
    // What the file said of it before no longer counts.
    if (!isNew && cell.last) {
      cell.n -= cell.last.n;
      cell.correct -= cell.last.correct;
    }
    cell.file = file;
    if (repeated === 'the last counts') cell.last = { ...counts };
    cell.n += counts.n;
    cell.correct += counts.correct;
    return isNew;
  }

  /** Whether anything came of this file. */
  hasOf(file: number): boolean {
    return [...this.#all.values()].some(({ files }) => files.has(file));
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

  #cell({ problems }: Growing, problem: string, file: number): Cell {
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
export function checkKs(
  ks: readonly number[],
  evaluations: readonly Evaluation[],
  where: string,
  beyond: string,
): void {
  for (const evaluation of evaluations) {
    const least = leastSamples(evaluation);
    const large = ks.find((k) => k > least);
    if (large === undefined) continue;
    throw new InputError(
      where,
      `at most ${least}, the least number of samples of a problem of ${shown(evaluationName(evaluation))}`,
      String(large),
      `no unbiased estimator of pass@k exists for k > n: draw more samples, ask for a smaller k, or see what a fitted model says, ${beyond}`,
    );
  }
}

/**
 * Evaluations without the problems that have fewer samples than asked for, or with wrong samples for those that are missing.
 *
 * @throws InputError where nothing is left
 */
export function withAllSamples(
  evaluations: readonly Evaluation[],
  { leastN, missing }: { readonly leastN: number | null; readonly missing: 'as they are' | 'wrong' | 'out' },
  leastName: string,
): { readonly evaluations: Evaluation[]; readonly notes: string[] } {
  const notes: string[] = [];
  const changed = evaluations.map((evaluation): Evaluation => {
    const name = evaluationName(evaluation);
    let problems = [...evaluation.problems];
    if (missing === 'wrong') {
      const most = problems.reduce((largest, [, { n }]) => Math.max(largest, n), 0);
      const short = problems.filter(([, { n }]) => n < most);
      if (short.length > 0)
        notes.push(
          `${name}: ${short.reduce((sum, [, { n }]) => sum + most - n, 0)} samples that ${short.length} problems lack are counted as wrong`,
        );
      problems = problems.map(([problem, { correct }]) => [problem, { n: most, correct }]);
    }
    if (leastN !== null) {
      const kept = problems.filter(([, { n }]) => n >= leastN);
      if (kept.length < problems.length)
        notes.push(
          `${name}: ${problems.length - kept.length} of ${problems.length} problems have fewer than ${leastN} samples and are left out`,
        );
      if (kept.length === 0)
        throw new InputError(
          leastName,
          `at most ${problems.reduce((most, [, { n }]) => Math.max(most, n), 0)}, the most samples of a problem of ${shown(name)}`,
          String(leastN),
        );
      problems = kept;
    }
    return { ...evaluation, problems: new Map(problems) };
  });
  return { evaluations: changed, notes };
}
