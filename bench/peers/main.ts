/**
 * `npm run peers`: TensorFlow.js and jax-js in the browser that this project's WebGPU runs in, NumPy, PyTorch and JAX where Python
 * has them, and this project's own engines, all doing one estimator's whole job; one table.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { tableText } from '../../src/cli/render/section.ts';
import type { HostChoice } from '../../src/cli/tools.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { InputError } from '../../src/input/inputError.ts';
import { tableMarkdown } from '../../src/view/markdown.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { findBrowser } from '../browser/find.ts';
import { PLAIN_FLAGS } from '../browser/pageEngine.ts';
import { servePage } from '../browser/serve.ts';
import { openHost } from '../hosts.ts';
import { expectedOf } from './expected.ts';
import { jobProblem, jobSpec, jobTable, type JobSpec, type Peer } from './job.ts';
import { optionsOf, USAGE, type Options } from './options.ts';
import { OwnPeer } from './ownPeer.ts';
import { PagePeer, type PagePlace } from './pagePeer.ts';
import { PythonPeer } from './pythonPeer.ts';
import { race } from './race.ts';
import { rowsOf, type Rows } from './rows.ts';
import { tableOf } from './table.ts';

/** What was built of this project, or will be once the arguments are known to be right. */
export interface Tools {
  /** installs what the peers' page is built from @throws Error where that fails */
  readonly install: () => void;
  readonly buildPage: () => Promise<string>;
  readonly buildPeersPage: () => Promise<string>;
  /** cpuThread.ts */
  readonly threadFile: string;
  /** peers.py */
  readonly pythonScript: string;
}

/** The libraries make code as they run, and start threads from texts. */
const POLICY =
  "default-src 'none'; script-src 'self' blob: 'unsafe-eval' 'wasm-unsafe-eval'; worker-src 'self' blob:; " +
  "connect-src 'self' blob: data:; img-src data:; base-uri 'none'; form-action 'none'";

const JAVASCRIPT = [
  ['TensorFlow.js', 'tensorflow', ['webgpu', 'wasm', 'webgl']],
  ['jax-js', 'jax', ['webgpu', 'wasm', 'webgl']],
] as const;
const PYTHON = [
  ['NumPy', 'numpy'],
  ['PyTorch', 'torch'],
  ['JAX', 'jax'],
] as const;

const say = (line: string): void => void process.stderr.write(`passk-bench: ${line}\n`);

/** @returns the exit code: 0, 1 where this project's own row is wrong or missing, 2 for bad input */
export async function main(args: readonly string[], tools: Tools): Promise<number> {
  try {
    const options = optionsOf(args);
    if (options === 'help') {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    return await measure(options, tools);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

async function measure(options: Options, tools: Tools): Promise<number> {
  const work = { problem: jobProblem(), table: jobTable(), seed: options.seed };
  const gpu = new OwnPeer('WebGPU', packageJson.version, work, () => openOwn('gpu', tools));
  const place = await placeOf(tools, () => gpu.environment?.flags ?? PLAIN_FLAGS);
  const peers: readonly Peer[] = [
    new OwnPeer('cpu', packageJson.version, work, () => openOwn('cpu', tools)),
    gpu,
    ...othersOf(options, jobSpec(work.problem, work.table, options.seed), place, tools),
  ];
  const runners = await race(peers, { ...options, say });
  const found = rowsOf(runners, await expectedOf(work.problem, work.table), options.seed);
  const table = tableOf(found);
  process.stdout.write(`${options.markdown ? tableMarkdown(table) : tableText(table)}\n`);
  if (options.json !== null) writeReport(options.json, { options, browser: gpu.environment?.runtime, found });
  const isRight =
    found.reference !== null && found.rows.every((row) => !row.isOwn || row.outcome !== 'wrong');
  return isRight ? 0 : 1;
}

function openOwn(engine: 'cpu' | 'gpu', tools: Tools): Promise<Engine> {
  const choice: HostChoice = {
    engine,
    requiresGpu: false,
    mayInstall: false,
    threads: null,
    runtime: 'chromium',
    adapter: 'auto',
    options: {},
  };
  return openHost(choice, tools, say);
}

function othersOf(options: Options, spec: JobSpec, place: () => PagePlace, tools: Tools): Peer[] {
  const { python } = options;
  return [
    ...JAVASCRIPT.flatMap(([name, library, backends]) =>
      backends.map((backend) => new PagePeer(name, { library, backend }, spec, place)),
    ),
    ...PYTHON.map(
      ([name, library]) => new PythonPeer(name, library, spec, { python, script: tools.pythonScript }),
    ),
  ];
}

/** Where the peers' page is: asking for it says why there is none, so that this is what their rows say. */
async function placeOf(tools: Tools, flags: () => readonly string[]): Promise<() => PagePlace> {
  try {
    tools.install();
    const { url } = await servePage(await tools.buildPeersPage(), 0, POLICY);
    const executablePath = findBrowser(say, false);
    return () => ({ executablePath, flags: flags(), url });
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** All that was measured, job by job, for whoever reckons again. */
function writeReport(
  path: string,
  { options, browser, found }: { options: Options; browser: string | undefined; found: Rows },
): void {
  const report = {
    format: 'passk-peers@1',
    machine: { cpu: cpus()[0]?.model.trim() ?? null, cores: cpus().length, node: process.versions.node },
    browser: browser ?? null,
    secondsPerJob: options.seconds,
    rounds: options.rounds,
    seed: options.seed,
    reference: found.reference?.backend ?? null,
    rows: found.rows,
  };
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}
