/**
 * `npm run assembly`: compiles assembly/ into src/engine/cpu/compiled.ts, with SIMD and without. The compiler has a lockfile of
 * its own, for it weighs more than all else together and only who changes a kernel needs it; its output is committed.
 *
 * With `--check` nothing is written: exit code 1 where what is committed is not what the sources give, byte by byte.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, say } from './setup.mjs';

const FOLDER = join(ROOT, 'assembly');
const COMPILED = join(ROOT, 'src', 'engine', 'cpu', 'compiled.ts');
const OPTIONS = ['-O3', '--converge', '--runtime', 'stub', '--disableWarning', '235'];
const FORMS = { simd: ['--enable', 'simd'], scalar: [] };

function compile(name, options) {
  const folder = mkdtempSync(join(tmpdir(), 'passk-assembly-'));
  try {
    const output = join(folder, `${name}.wasm`);
    const compiler = join(FOLDER, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
    const args = [compiler, 'index.ts', '-o', output, ...OPTIONS, ...options];
    execFileSync(process.execPath, args, { cwd: FOLDER, stdio: ['ignore', 'inherit', 'inherit'] });
    return readFileSync(output).toString('base64');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (!existsSync(join(FOLDER, 'node_modules', 'assemblyscript'))) {
  say('passk-bench: installing the compiler of assembly/package-lock.json (npm ci; 100 MB, once)');
  const npm = process.env.npm_execpath;
  const [program, ...args] = npm ? [process.execPath, npm] : ['npm'];
  execFileSync(program, [...args, 'ci', '--include=dev'], {
    cwd: FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
const lines = Object.entries(FORMS).map(
  ([name, options]) => `export const ${name} =\n  '${compile(name, options)}';\n`,
);
const text = `/** Compiled from assembly/ by \`npm run assembly\`, as base64. */\n${lines.join('')}`;
if (!process.argv.includes('--check')) {
  writeFileSync(COMPILED, text);
} else if (readFileSync(COMPILED, 'utf8') !== text) {
  say('passk-bench: src/engine/cpu/compiled.ts is not what assembly/ gives; npm run assembly writes it');
  process.exitCode = 1;
}
