/** The page's server under hostile requests. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodingFor, POLICY, servePage, type PageServer } from '../../bench/browser/serve.ts';

const folder = mkdtempSync(join(tmpdir(), 'passk-serve-'));
let server: PageServer;

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), 'the page');
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets', 'a-1234.js'), `// ${'text '.repeat(1000)}`);
  server = await servePage(folder);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** The status line's code; a raw socket, for fetch mends targets before it sends them. */
function statusOf(target: string, { method = 'GET', host = '127.0.0.1' } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () =>
      socket.write(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    let text = '';
    socket.on('data', (part) => (text += part.toString()));
    socket.on('end', () => resolve(text.split(' ')[1] ?? ''));
    socket.on('error', reject);
  });
}

test.each(['/%', '//', '/%zz', '/%00', 'http://['])(
  'answers 400 to %s and goes on serving',
  async (target) => {
    expect(await statusOf(target)).toBe('400');
    expect(await (await fetch(server.url)).text()).toBe('the page');
  },
);

test('serves nothing outside its folder', async () => {
  expect(await statusOf('/%2e%2e/%2e%2e/etc/passwd')).toBe('404');
});

test.each([
  ['POST', '405'],
  ['PUT', '405'],
  ['OPTIONS', '405'],
  ['HEAD', '200'],
  ['BREW', '400'],
])('answers %s with %s', async (method, status) => {
  expect(await statusOf('/', { method })).toBe(status);
});

test.each([
  ['evil.example', '421'],
  ['127.0.0.1.evil.example', '421'],
  ['localhost', '200'],
  ['localhost:8123', '200'],
  ['[::1]:80', '200'],
])('a request for host %s is answered with %s', async (host, status) => {
  expect(await statusOf('/', { host })).toBe(status);
});

test('says of every file that it is what it says, and isolates the page', async () => {
  const { headers } = await fetch(server.url);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
});

test('sends the policy of the page as a header, so that workers have it, too', async () => {
  const page = readFileSync(new URL('../../index.html', import.meta.url), 'utf8');
  expect(/http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page)?.[1]).toBe(POLICY);
  expect((await fetch(server.url)).headers.get('content-security-policy')).toBe(POLICY);
});

test('keeps for long what is named by its content, and nothing else', async () => {
  const cacheOf = async (path: string): Promise<string | null> =>
    (await fetch(`${server.url}${path}`)).headers.get('cache-control');
  expect(await cacheOf('assets/a-1234.js')).toBe('public, max-age=31536000, immutable');
  expect(await cacheOf('')).toBe('no-cache');
  expect(await cacheOf('none')).toBe('no-store');
});

test('compresses text, and says so', async () => {
  const answer = await fetch(`${server.url}assets/a-1234.js`, { headers: { 'accept-encoding': 'br' } });
  expect(answer.headers.get('content-encoding')).toBe('br');
  expect(Number(answer.headers.get('content-length'))).toBeLessThan(500);
  expect((await answer.text()).length).toBe(5003);
  expect((await fetch(server.url)).headers.get('content-encoding')).toBeNull();
});

test.each([
  ['gzip, deflate, br', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['identity', null],
  [undefined, null],
])('of %s takes %s', (accepted, encoding) => {
  expect(encodingFor(accepted)).toBe(encoding);
});
