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
function statusOf(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`),
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
