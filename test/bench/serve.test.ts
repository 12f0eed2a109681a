/** The page's server under hostile requests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { servePage, type PageServer } from '../../bench/browser/serve.ts';

const folder = mkdtempSync(join(tmpdir(), 'passk-serve-'));
let server: PageServer;

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), 'the page');
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
