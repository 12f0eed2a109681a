/**
 * Makes a fresh clone ready: the dependencies of the lockfile. Plain Node, no dependencies of its own.
 *
 * A stamp, written last, says what was installed for which lockfile, Node and platform; without it, or with another,
 * the installation is done again, so an interrupted one heals. A lock outside node_modules keeps two set-ups apart.
 */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(ROOT, 'node_modules', '.passk-setup.json');
const MINIMUM_NODE = [20, 19];
/** A lock whose owner cannot be asked (another machine's process id) counts as left behind after this. */
const STALE_LOCK_MS = 15 * 60_000;

export const say = (text) => process.stderr.write(`${text}\n`);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  say(
    `Node: expected ${MINIMUM_NODE.join('.')} or newer, got ${process.versions.node}; install a newer Node.js`,
  );
  process.exit(2);
}

/** The build tools take what follows these for a query. */
function checkPlace() {
  const odd = /[#?]/.exec(ROOT)?.[0];
  if (odd === undefined) return;
  say(`checkout ${ROOT}: expected a path without # and ?, got one with ${odd}; move the folder`);
  process.exit(2);
}

function wantedStamp() {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  return JSON.stringify({
    lockfile,
    node: process.versions.node.split('.')[0],
    platform: `${process.platform}-${process.arch}`,
  });
}

const isReady = (stamp) => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs `work` while no other process of this checkout runs its own under the same name. */
export async function withLock(name, work) {
  // In the checkout: in a folder that all may write to, others could make it first.
  const locks = join(ROOT, '.cache');
  mkdirSync(locks, { recursive: true });
  const lock = join(locks, `${name}.lock`);
  let announced = false;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = join(lock, 'pid');
    const pid = existsSync(owner) ? Number(readFileSync(owner, 'utf8')) : 0;
    const age = existsSync(lock) ? Date.now() - statSync(lock).mtimeMs : 0;
    if ((pid > 0 && !isAlive(pid)) || (pid === 0 && age > 10_000) || age > STALE_LOCK_MS) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }
    if (!announced) say(`passk-bench: waiting for another ${name} of this checkout (process ${pid})`);
    announced = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function install() {
  say('passk-bench: installing the dependencies of package-lock.json (npm ci; under a minute, once)');
  // Under NODE_ENV=production plain `npm ci` would leave the build tools out. No dependency needs its install script,
  // and puppeteer's would try to download a browser.
  const flags = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const viaNode = npm !== undefined && /\.[cm]?js$/.test(npm);
  const [command, args] = viaNode ? [process.execPath, [npm, ...flags]] : ['npm', flags];
  const result = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: !viaNode && process.platform === 'win32',
  });
  if (result.status === 0) return;
  say(
    'passk-bench: npm ci failed, see above. Check the network and the npm registry settings, then try again.',
  );
  process.exit(2);
}

/** Installs what is missing; a few milliseconds when nothing is. */
export async function ensureDependencies() {
  checkNode();
  checkPlace();
  const stamp = wantedStamp();
  if (isReady(stamp)) return;
  await withLock('set-up', () => {
    if (isReady(stamp)) return;
    rmSync(STAMP, { force: true });
    install();
    writeFileSync(STAMP, stamp);
  });
}
