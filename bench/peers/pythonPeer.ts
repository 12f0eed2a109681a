/** A library of Python in a process of its own: peers.py, asked and answering in lines of JSON. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Answer, JobSpec, Peer, PeerFacts } from './job.ts';

/** Of what a failing script prints, its last line is kept: Python's errors end with what they are. */
const KEPT_CHARACTERS = 2000;

export class PythonPeer implements Peer {
  readonly isOwn = false;
  readonly name: string;
  readonly backend = 'python';
  readonly #library: string;
  readonly #spec: JobSpec;
  readonly #python: string;
  readonly #script: string;
  #child: ChildProcess | undefined;
  #lines: Interface | undefined;
  #printed = '';

  /** @param script peers.py */
  constructor(
    name: string,
    library: 'numpy' | 'torch' | 'jax',
    spec: JobSpec,
    { python, script }: { readonly python: string; readonly script: string },
  ) {
    this.name = name;
    this.#library = library;
    this.#spec = spec;
    this.#python = python;
    this.#script = script;
  }

  async open(): Promise<PeerFacts> {
    const child = spawn(this.#python, [this.#script, this.#library], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#printed = (this.#printed + text).slice(-KEPT_CHARACTERS);
    });
    // A write to a process that has ended: its end says why.
    child.stdin.on('error', () => undefined);
    const facts = (await this.#ask(this.#spec)) as PeerFacts | { readonly missing: string };
    if ('missing' in facts) throw new Error(facts.missing);
    return facts;
  }

  async run(batchCount: number): Promise<Answer> {
    return (await this.#ask({ batchCount })) as Answer;
  }

  close(): Promise<void> {
    this.#child?.kill('SIGKILL');
    return Promise.resolve();
  }

  /** One line, and the line that answers it. */
  async #ask(question: unknown): Promise<unknown> {
    const [child, lines] = [this.#child, this.#lines];
    if (!child?.stdin || !lines) throw new Error('python: it is not open');
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended between two jobs');
    return await new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        lines.off('line', onLine);
        child.off('error', onError).off('close', onClose);
        act();
      };
      const onLine = (line: string): void =>
        settle(() => {
          try {
            resolve(JSON.parse(line));
          } catch {
            reject(new Error(`it answered no JSON: ${line.slice(0, 60)}`));
          }
        });
      const onError = (error: NodeJS.ErrnoException): void =>
        settle(() =>
          reject(new Error(error.code === 'ENOENT' ? `no ${this.#python} on this machine` : error.message)),
        );
      const onClose = (code: number | null): void =>
        settle(() => {
          const last = this.#printed.trim().split('\n').at(-1) ?? '';
          reject(new Error(last === '' ? `it ended with code ${code}` : last));
        });
      lines.on('line', onLine);
      child.on('error', onError).on('close', onClose);
      child.stdin?.write(`${JSON.stringify(question)}\n`);
    });
  }
}
