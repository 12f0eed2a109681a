/** Measures the page in a browser of this machine: nothing is asserted, every figure is printed with its spread. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpus } from 'node:os';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'puppeteer';
import { findBrowser } from '../browser/find.ts';
import { puppeteer } from '../browser/puppeteer.ts';
import { servePage } from '../browser/serve.ts';

declare global {
  interface Window {
    tasks: { readonly at: number; readonly ms: number }[];
    shift: number;
  }
}

const LOADS = 5;
const DRAGS = 40;
const RUN = '?preset=quick';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];

const spread = (values: readonly number[], unit: string): string =>
  `${median(values).toFixed(1)} ${unit} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}, ${values.length} times)`;

async function open(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  await page.evaluateOnNewDocument(() => {
    window.tasks = [];
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries())
        window.tasks.push({ at: startTime, ms: duration });
    }).observe({ type: 'longtask', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { hadRecentInput, value } = entry as PerformanceEntry & {
          hadRecentInput: boolean;
          value: number;
        };
        if (!hadRecentInput) window.shift += value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForSelector('.lead-chart svg');
  return page;
}

const tasksSince = (page: Page, from: number): Promise<number[]> =>
  page.evaluate((start) => window.tasks.filter(({ at }) => at >= start).map(({ ms }) => ms), from);

const listed = (tasks: readonly number[]): string =>
  tasks.length === 0 ? 'none' : `${tasks.length}, the longest ${Math.max(...tasks).toFixed(0)} ms`;

/** From the event until the new chart has been laid out: what a frame has to hold of it. */
const dragTimes = (page: Page, name: string, steps: number): Promise<number[]> =>
  page.evaluate(
    async (slider, count) => {
      const input = document.querySelector<HTMLInputElement>(`input[name=${slider}]`)!;
      const times: number[] = [];
      const [low, high] = [Number(input.min), Number(input.max)];
      for (let i = 0; i < count; i += 1) {
        await new Promise(requestAnimationFrame);
        const start = performance.now();
        input.value = String(low + ((i * 3) % (high - low + 1)));
        input.dispatchEvent(new Event('input', { bubbles: true }));
        // Signals redraw in a microtask of their own; layout is forced, for that is part of it.
        await Promise.resolve();
        await new Promise((resolve) => setTimeout(resolve, 0));
        document.querySelector('#figure-bench svg')!.getBoundingClientRect();
        times.push(performance.now() - start);
      }
      input.dispatchEvent(new Event('change', { bubbles: true }));
      return times;
    },
    name,
    steps,
  );

export async function main(folder: string): Promise<void> {
  const server = await servePage(folder);
  const browser = await puppeteer().launch({
    executablePath: findBrowser((line) => void process.stderr.write(`${line}\n`), true),
    headless: true,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--disable-background-networking',
      '--no-first-run',
    ],
  });
  try {
    say(`${await browser.version()} on ${cpus().length} x ${cpus()[0].model.trim()}`);
    const loads: { first: number; tasks: number[]; after: number[]; shift: number }[] = [];
    for (let i = 0; i < LOADS; i += 1) {
      const page = await open(browser, server.url);
      const first = await page.evaluate(() => performance.now());
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const loaded = await page.evaluate(
        () => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).loadEventEnd,
      );
      loads.push({
        first,
        tasks: await tasksSince(page, 0),
        after: await tasksSince(page, loaded),
        shift: await page.evaluate(() => window.shift),
      });
      await page.close();
    }
    say(
      `until the first chart stands: ${spread(
        loads.map(({ first }) => first),
        'ms',
      )}`,
    );
    say(`long tasks while it loads: ${listed(loads.flatMap(({ tasks }) => tasks))} in ${LOADS} loads`);
    say(`long tasks after it has loaded: ${listed(loads.flatMap(({ after }) => after))} in ${LOADS} loads`);
    say(`layout shift: ${Math.max(...loads.map(({ shift }) => shift)).toFixed(4)} at most`);

    const page = await open(browser, server.url + RUN);
    const files = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.startsWith('http'))
        .map(({ name }) => new URL(name).pathname),
    );
    const bytes = ['index.html', ...files].map(
      (file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length,
    );
    say(`bytes in gzip until then: ${bytes.reduce((sum, size) => sum + size, 0)} in ${bytes.length} files`);

    await page.$eval('#estimators', (section) => section.scrollIntoView());
    await page.waitForSelector('#figure-bench svg');
    for (const name of ['J1', 'k', 'n']) {
      const times = await dragTimes(page, name, DRAGS);
      say(`redraw of the workbench while ${name} is dragged: ${spread(times, 'ms')}`);
    }
    await page.evaluate(() => window.scrollTo(0, 0));
    const start = await page.evaluate(() => performance.now());
    await page.evaluate(() => {
      window.shift = 0;
    });
    await page.click('#run');
    await page.waitForFunction(() => document.title.includes('%'));
    await page.waitForFunction(() => !document.title.includes('%'), { timeout: 120_000 });
    const ended = await page.evaluate(() => performance.now());
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const during = (await tasksSince(page, start)).length - (await tasksSince(page, ended - 300)).length;
    const all = await tasksSince(page, start);
    say(
      `long tasks during a quick run of ${((ended - start) / 1000).toFixed(1)} s: ${listed(all.slice(0, during))}`,
    );
    say(`long tasks when its results are drawn: ${listed(all.slice(during))}`);
    say(`layout shift of the run: ${(await page.evaluate(() => window.shift)).toFixed(4)}`);
  } finally {
    await browser.close();
    server.close();
  }
}
