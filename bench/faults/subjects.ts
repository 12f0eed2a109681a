/** The commands that are struck, each with what it says when nobody disturbs it. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Subject {
  readonly name: string;
  readonly args: readonly string[];
  /** what of its result no fault may change: all but times, rates and the time of day */
  readonly essence: (result: string) => string;
  /** drives a browser, whose parts can be killed */
  readonly hasBrowser: boolean;
  /** ends by a signal only */
  readonly isServer: boolean;
}

/** Commands whose work itself dies with the browser. */
const GPU = ['--engine', 'gpu'];

/** Commands that take seconds, over files made in `folder`; what they save goes to `out` in their own working directory. */
export function subjectsIn(folder: string, script: string): Subject[] {
  const problem = join(folder, 'problem.json');
  const made = spawnSync(process.execPath, [script, 'generate', 'sum', '--prompts', '8', '--save', problem]);
  if (made.status !== 0) throw new Error(`generate: ${made.stderr.toString()}`);
  const evaluation = join(folder, 'evaluation.csv');
  writeFileSync(evaluation, checkpoints(120));
  const browser = { hasBrowser: true, isServer: false };
  return [
    {
      name: 'run',
      args: ['run', 'relation', 'signal', '--tokens-per-prompt', '131072', '--out', 'out', '--json', ...GPU],
      essence: hashesOf,
      ...browser,
    },
    {
      name: 'tally',
      args: [
        ...['tally', '--problem', problem, '--group-size', '16', '--groups', '40000', '--seed', '1'],
        ...['--level', 'full', ...GPU],
      ],
      essence: hashesOf,
      ...browser,
    },
    {
      name: 'training',
      args: ['run', 'crossover', '--out', 'out', '--json', ...GPU],
      essence: hashesOf,
      ...browser,
    },
    {
      name: 'run on the CPU, checked on WebGPU',
      args: ['run', 'relation', 'crossover', '--out', 'out', '--json'],
      essence: hashesOf,
      ...browser,
    },
    {
      name: 'run on the twin',
      args: ['run', 'signal', '--engine', 'twin', '--out', 'out', '--json'],
      essence: hashesOf,
      hasBrowser: false,
      isServer: false,
    },
    {
      name: 'diagnose',
      args: ['diagnose', evaluation, '--json', '--save', 'diagnosis.json'],
      essence: whole,
      hasBrowser: false,
      isServer: false,
    },
    { name: 'serve', args: ['serve', '--port', '0'], essence: whole, hasBrowser: false, isServer: true },
  ];
}

/** An evaluation of so many checkpoints, 40 problems each. */
function checkpoints(count: number): string {
  const rows = ['checkpoint,problem,n,correct'];
  for (let checkpoint = 0; checkpoint < count; checkpoint += 1) {
    for (let problem = 0; problem < 40; problem += 1) {
      rows.push(`${checkpoint},p${problem},16,${(problem * 7 + checkpoint * 3) % 17}`);
    }
  }
  return `${rows.join('\n')}\n`;
}

const whole = (result: string): string => result;

/** Every hash of a report, and how many checks were rejected, each with its place. */
function hashesOf(report: string): string {
  const found: string[] = [];
  const walk = (value: unknown, place: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) walk(item, `${place}.${key}`);
    } else if (/(sha256|rejected|outcome)$/i.test(place)) found.push(`${place}=${String(value)}`);
  };
  walk(JSON.parse(report), '');
  return found.join('\n');
}
