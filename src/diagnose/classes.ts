/** Problems by (n, correct): all that pass@k needs of them, and few even where problems are many. */
import type { Evaluation } from './evaluation.ts';

export interface CountClass {
  readonly n: number;
  readonly correct: number;
  problemCount: number;
}

export interface Classes {
  readonly classes: readonly CountClass[];
  /** [problems], the class of each, in the evaluation's order */
  readonly ofProblem: Uint32Array;
}

export function classesOf({ problems }: Pick<Evaluation, 'problems'>): Classes {
  const numbers = new Map<string, number>();
  const classes: CountClass[] = [];
  const ofProblem = new Uint32Array(problems.size);
  let next = 0;
  for (const { n, correct } of problems.values()) {
    const key = `${n} ${correct}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = classes.length;
      numbers.set(key, number);
      classes.push({ n, correct, problemCount: 0 });
    }
    classes[number].problemCount += 1;
    ofProblem[next] = number;
    next += 1;
  }
  return { classes, ofProblem };
}
