/**
 * `npm run faults -- --kills 40 --signals 40 --seed 1`: commands are struck at random times, also while they open. A kill of
 * a browser, a renderer or a GPU process must leave the undisturbed result, or exit 4; a signal must end the command with
 * 130; a command that is killed itself may say nothing. Afterwards there is no process, no folder and no half-written file
 * of it. Linux.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT } from '../../src/cli/exit.ts';
import { drawsOf, type Draws } from '../fuzz/mutate.ts';
import { eventually, familyOf, hearsSignals, processes } from './processes.ts';
import { subjectsIn, type Subject } from './subjects.ts';

/** A command that has not ended by then hangs: a fault of its own. */
const PATIENCE_MS = 180_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const PARTS = ['browser', 'renderer', 'gpu-process', 'command'] as const;

type Blow =
  | { readonly kind: 'signal'; readonly signal: (typeof SIGNALS)[number]; readonly twice: boolean }
  | { readonly kind: 'kill'; readonly part: (typeof PARTS)[number] }
  | { readonly kind: 'full disk' };

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
  /** what was struck was there */
  readonly wasStruck: boolean;
}

interface Place {
  readonly work: string;
  readonly temporary: string;
}

/** @returns the exit code */
export async function main(args: readonly string[], script: string): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '40' },
      signals: { type: 'string', default: '40' },
      seed: { type: 'string', default: '1' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'pf-'));
  try {
    const campaign = new Campaign(script, folder, Number(values.seed));
    await campaign.measure();
    await campaign.strike(Number(values.kills), 'kill');
    await campaign.strike(Number(values.signals), 'signal');
    await campaign.fillDisks();
    return campaign.report();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class Campaign {
  readonly #script: string;
  readonly #folder: string;
  readonly #seed: number;
  readonly #subjects: readonly Subject[];
  readonly #undisturbed = new Map<Subject, { readonly ms: number; readonly essence: string }>();
  readonly #outcomes = new Map<string, number>();
  readonly #failures: string[] = [];
  readonly #left = { processes: 0, folders: 0, files: 0 };
  #blows = 0;

  constructor(script: string, folder: string, seed: number) {
    this.#script = script;
    this.#folder = folder;
    this.#seed = seed;
    this.#subjects = subjectsIn(folder, script);
  }

  /** What each command says, and how long it takes, when nobody disturbs it. */
  async measure(): Promise<void> {
    for (const subject of this.#subjects) {
      if (subject.isServer) {
        this.#undisturbed.set(subject, { ms: 1500, essence: '' });
        continue;
      }
      const place = this.#place();
      const start = performance.now();
      const ended = await this.#run(subject, place, null, 0);
      const ms = performance.now() - start;
      if (ended.code !== EXIT.agrees) throw new Error(`${subject.name} undisturbed: ${ended.errors}`);
      this.#undisturbed.set(subject, { ms, essence: subject.essence(resultOf(ended, place)) });
      process.stdout.write(`${subject.name} undisturbed: ${(ms / 1000).toFixed(1)} s\n`);
    }
  }

  async strike(count: number, kind: 'kill' | 'signal'): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      const draws = drawsOf(this.#seed, this.#blows);
      const subject = this.#subjects[i % this.#subjects.length];
      const blow: Blow =
        kind === 'signal'
          ? { kind, signal: SIGNALS[Math.floor(i / this.#subjects.length) % 3], twice: draws.below(4) === 0 }
          : { kind, part: subject.hasBrowser ? partOf(i, draws) : 'command' };
      const { ms } = this.#undisturbed.get(subject)!;
      await this.#blow(subject, blow, draws.below(Math.ceil(ms)));
    }
  }

  /** A limit of file sizes, for it needs no disk of its own. */
  async fillDisks(): Promise<void> {
    for (const subject of this.#subjects) {
      // A browser does not live under such a limit.
      if (!subject.hasBrowser && !subject.isServer) await this.#blow(subject, { kind: 'full disk' }, 0);
    }
  }

  report(): number {
    for (const [outcome, count] of [...this.#outcomes].sort())
      process.stdout.write(`${count} x ${outcome}\n`);
    const { processes: left, folders, files } = this.#left;
    process.stdout.write(`left behind: ${left} processes, ${folders} folders, ${files} half-written files\n`);
    for (const failure of this.#failures) process.stdout.write(`FAILED ${failure}\n`);
    process.stdout.write(`${this.#blows} faults, ${this.#failures.length} failures\n`);
    return this.#failures.length > 0 ? 1 : 0;
  }

  async #blow(subject: Subject, blow: Blow, afterMs: number): Promise<void> {
    this.#blows += 1;
    const place = this.#place();
    const ended = await this.#run(subject, place, blow, afterMs);
    const name = `${subject.name}, ${nameOf(blow)}`;
    const outcome = this.#judge(subject, blow, ended, place);
    const after = blow.kind === 'full disk' ? '' : ` after ${afterMs.toFixed(0)} ms`;
    const where = `${name}${after}: ${outcome.words}`;
    process.stdout.write(`${where}\n`);
    const key = `${name}: ${outcome.words}`;
    this.#outcomes.set(key, (this.#outcomes.get(key) ?? 0) + 1);
    if (!outcome.isRight) this.#failures.push(`${where}; ${ended.errors.trim().slice(-300)}`);
    await this.#countWhatIsLeft(place, where, blow);
    rmSync(place.work, { recursive: true, force: true });
    rmSync(place.temporary, { recursive: true, force: true });
  }

  #judge(subject: Subject, blow: Blow, ended: Ended, place: Place): { isRight: boolean; words: string } {
    const { code, signal } = ended;
    const said = signal ?? `exit ${code}`;
    if (signal !== null) {
      return {
        isRight: blow.kind === 'kill' && blow.part === 'command' && signal === 'SIGKILL',
        words: said,
      };
    }
    if (code === EXIT.agrees && !(subject.isServer && blow.kind === 'signal')) {
      const known = this.#undisturbed.get(subject)!.essence;
      const isSame = subject.essence(resultOf(ended, place)) === known;
      const when = ended.wasStruck ? '' : ', ended before';
      return { isRight: isSame, words: isSame ? `the undisturbed result${when}` : 'another result' };
    }
    const expected = { signal: EXIT.interrupted, kill: EXIT.lost, 'full disk': EXIT.badInput }[blow.kind];
    return { isRight: code === expected, words: said };
  }

  async #countWhatIsLeft(place: Place, where: string, blow: Blow): Promise<void> {
    const living = (): number =>
      processes().filter(({ command }) => command.includes(place.temporary)).length;
    await eventually(() => living() === 0, 'no process').catch(() => undefined);
    if (blow.kind === 'kill' && blow.part === 'command') {
      // Nobody was there to tidy up: the next start does.
      await this.#run(
        this.#subjects.find(({ name }) => name === 'tally')!,
        place,
        null,
        0,
      );
    }
    const files = existsSync(place.work) ? filesIn(place.work) : [];
    const found = {
      processes: living(),
      folders: readdirSync(place.temporary).length,
      files: files.filter((path) => !isWhole(path)).length,
    };
    for (const [kind, count] of Object.entries(found)) {
      this.#left[kind as keyof typeof found] += count;
      if (count > 0) this.#failures.push(`${where}: left ${count} ${kind}`);
    }
  }

  #place(): Place {
    // Short names: a browser makes sockets below.
    const temporary = mkdtempSync(join(this.#folder, 't'));
    const work = mkdtempSync(join(this.#folder, 'w'));
    mkdirSync(join(work, 'out'));
    return { work, temporary };
  }

  async #run(subject: Subject, place: Place, blow: Blow | null, afterMs: number): Promise<Ended> {
    const command = [process.execPath, this.#script, ...subject.args];
    const [program, ...rest] =
      blow?.kind === 'full disk' ? ['bash', '-c', 'ulimit -f 1; exec "$@"', 'limited', ...command] : command;
    const child = spawn(program, rest, {
      cwd: place.work,
      env: { ...process.env, TMPDIR: place.temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    const ended = new Promise<[number | null, string | null]>((resolve) =>
      child.on('close', (code, signal) => resolve([code, signal])),
    );
    let wasStruck = false;
    const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
    const strike = async (struck: Blow): Promise<void> => {
      await pause(afterMs);
      // What is to be killed may not be there yet.
      while (isRunning() && !wasStruck) {
        wasStruck = land(struck, child.pid!);
        await pause(5);
      }
    };
    const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    if (blow !== null && blow.kind !== 'full disk') await Promise.race([strike(blow), ended]);
    const [code, signal] = await ended;
    clearTimeout(patience);
    return { code, signal, output, errors, wasStruck };
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const partOf = (i: number, draws: Draws): (typeof PARTS)[number] =>
  draws.below(8) === 0 ? 'command' : PARTS[i % 3];

const nameOf = (blow: Blow): string =>
  blow.kind === 'full disk'
    ? 'full disk'
    : blow.kind === 'kill'
      ? `kill -9 of its ${blow.part}`
      : `${blow.signal}${blow.twice ? ' twice' : ''}`;

/** @returns whether there was something to strike */
function land(blow: Blow, pid: number): boolean {
  if (blow.kind === 'signal') {
    // Until then Node has not begun to run the command, and a signal ends it as it ends any other program.
    if (!hearsSignals(pid)) return false;
    for (let i = 0; i < (blow.twice ? 2 : 1); i += 1) process.kill(pid, blow.signal);
    return true;
  }
  if (blow.kind === 'full disk') return true;
  const isPart = (command: string): boolean => {
    if (!command.includes('--user-data-dir=')) return false;
    return blow.part === 'browser' ? !command.includes('--type=') : command.includes(`--type=${blow.part}`);
  };
  const struck = blow.part === 'command' ? [{ pid }] : familyOf(pid).filter(({ command }) => isPart(command));
  for (const part of struck) {
    try {
      process.kill(part.pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  return struck.length > 0;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What was printed, or saved where nothing was. */
function resultOf({ output }: Ended, { work }: Place): string {
  if (output !== '') return output;
  const path = filesIn(work).at(0);
  return path === undefined ? '' : readFileSync(path, 'utf8');
}

/** Every file that the commands write is JSON, under a name that says so. */
function isWhole(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return path.endsWith('.json');
  } catch {
    return false;
  }
}
