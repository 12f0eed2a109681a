/** The static site, as a host without headers has it: in a folder of a server that knows nothing of it. */
import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'puppeteer';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { complaints, ended, rowsSeen, SMALL, SOFTWARE, start, text, visit } from './visit.ts';

const FOLDER = '/some/where/';
const TYPES: Readonly<Record<string, string>> = {
  ...{ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' },
};

let browser: Browser;
let server: Server;
beforeAll(async () => {
  browser = await start(...SOFTWARE);
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = path === FOLDER ? 'index.html' : path.slice(FOLDER.length);
    readFile(join(inject('pageFolder'), file)).then(
      (content) => response.writeHead(200, { 'content-type': TYPES[extname(file)] }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

test('runs in any folder, without isolation, and asks nobody else for anything', async () => {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}${FOLDER}`;
  const page = await visit(browser, `?${SMALL}&experiments=variance,updates,throughput`, { url });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  expect(await page.evaluate(() => [crossOriginIsolated, typeof SharedArrayBuffer])).toEqual([
    false,
    'undefined',
  ]);
  await page.click('#run');
  await page.waitForFunction(() => document.title.includes('%'));
  await ended(page);
  expect(await text(page, '.outcome')).toBe('On this machine: nothing disagrees.');
  expect((await rowsSeen(page)).find(({ claim }) => claim === 'variance')?.text).toContain('measured here');
  await page.$$eval('#appendix details > summary', (folds) => {
    for (const fold of folds) fold.click();
  });
  await page.waitForFunction(() => document.querySelector('#appendix')?.textContent.includes('not isolated'));
  expect(
    asked.filter(
      (other) => !other.startsWith(url) && !other.startsWith('data:') && !other.startsWith('blob:'),
    ),
  ).toEqual([]);
  expect(complaints).toEqual([]);
  await page.close();
});
