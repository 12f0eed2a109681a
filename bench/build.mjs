/**
 * Builds what a run needs, into a folder named by the hash of the sources: the command line as one module, and the
 * page. Built once per state of the sources; an unfinished build never gets the final name.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT, say, withLock } from './setup.mjs';

const CACHE = join(ROOT, 'node_modules', '.cache', 'passk-bench');
const SOURCES = [
  'src',
  'shaders',
  'bench',
  'index.html',
  'vite.config.ts',
  'package-lock.json',
  'package.json',
];
/** Builds of older sources that are kept: another process may be running one. */
const KEPT_BUILDS = 4;

function* filesUnder(path) {
  if (!statSync(path).isDirectory()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) {
    // What is installed for bench/peers is named by its lockfile.
    if (name !== 'node_modules') yield* filesUnder(join(path, name));
  }
}

function sourceHash() {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of filesUnder(join(ROOT, source))) {
      hash
        .update(`${relative(ROOT, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** @param {Record<string, string>} entries the modules that are started, by the names of their files */
const modules = (entries) => ({
  build: {
    ssr: true,
    target: 'node20',
    rollupOptions: {
      input: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(ROOT, path)])),
      output: { entryFileNames: '[name].mjs' },
    },
  },
});
const COMMAND = { main: 'bench/main.ts', cpuThread: 'bench/cpuThread.ts' };
/** With its dependencies inside, and their licences beside it: where it goes nothing is installed. */
const selfContained = (entries) => {
  const { build: options } = modules(entries);
  return { build: { ...options, license: { fileName: 'licenses.md' } }, ssr: { noExternal: true } };
};
const CONFIGS = {
  cli: modules(COMMAND),
  portableCommand: selfContained(COMMAND),
  portable: modules({ main: 'bench/portable/main.ts' }),
  fuzz: modules({ main: 'bench/fuzz/main.ts' }),
  reference: modules({ main: 'bench/reference/main.ts' }),
  pageBench: modules({ main: 'bench/page/main.ts' }),
  faults: modules({ main: 'bench/faults/main.ts' }),
  library: modules({
    theory: 'bench/library/theory.ts',
    engines: 'bench/library/engines.ts',
    diagnose: 'bench/library/diagnose.ts',
    cpuThread: 'bench/cpuThread.ts',
  }),
  page: {},
  peers: modules({ main: 'bench/peers/main.ts', cpuThread: 'bench/cpuThread.ts' }),
  peersPage: {
    root: join(ROOT, 'bench', 'peers', 'page'),
    base: './',
    configFile: false,
    // TensorFlow.js starts its threads from the text of a function, which does not survive being made small.
    build: { target: 'es2023', minify: false, chunkSizeWarningLimit: 2000 },
  },
};

/**
 * @param {keyof typeof CONFIGS} part
 * @returns {Promise<string>} the folder with the built files
 */
export async function build(part) {
  const folder = join(CACHE, sourceHash(), part);
  if (existsSync(folder)) return folder;
  await withLock('build', async () => {
    if (existsSync(folder)) return;
    if (part === 'page') say('passk-bench: building the page (a few seconds, once per version)');
    const unfinished = `${folder}.${process.pid}.tmp`;
    const { build: viteBuild } = await import('vite');
    const { build: options, ...config } = { build: {}, ...CONFIGS[part] };
    await viteBuild({
      root: ROOT,
      ...config,
      logLevel: 'warn',
      build: { ...options, outDir: unfinished, emptyOutDir: true },
    });
    mkdirSync(join(folder, '..'), { recursive: true });
    renameSync(unfinished, folder);
    dropOldBuilds();
  });
  return folder;
}

function dropOldBuilds() {
  const builds = readdirSync(CACHE)
    .map((name) => join(CACHE, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of builds.slice(KEPT_BUILDS)) rmSync(old, { recursive: true, force: true });
}
