/** Before any click: the answer, its evidence, and what it rests on. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'puppeteer';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { CLAIM_IDS } from '../../src/lab/suite/claims.ts';
import {
  chartWidths,
  complaints,
  faults,
  rowsSeen,
  scrollThrough,
  SOFTWARE,
  start,
  text,
  visit,
} from './visit.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await start(...SOFTWARE);
});
afterAll(() => browser.close());
afterEach(() => {
  complaints.length = 0;
});

test('answers without a click: every claim from the reference, a chart, what it rests on, all above the fold', async () => {
  const page = await visit(browser);
  await page.waitForSelector('.lead-chart svg');
  expect(await text(page, 'h1')).toBe('Is pass@k worth training for?');
  expect(await text(page, '.answer')).toMatch(
    /^For one prompt it adds no direction: .* takes 3,355 trajectories where pass@1 takes 20 .*cosine −0\.92/s,
  );
  const rows = await rowsSeen(page);
  expect(rows.map(({ claim }) => claim)).toEqual([...CLAIM_IDS]);
  expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(['reference']));
  expect(await text(page, '.shown-now')).toMatch(/reference run.* seed 1, .* checks decided, none disagrees/);
  const bottoms = await page.$$eval('[data-claim], .lead-chart svg, #run', (found) =>
    found.map((element) => element.getBoundingClientRect().bottom),
  );
  expect(Math.max(...bottoms)).toBeLessThan(900);
  expect(
    await page.$$eval('figure', (figures) =>
      figures.every((figure) => figure.querySelectorAll('svg').length <= 1),
    ),
  ).toBe(true);
  expect(await page.title()).not.toContain('%');
  expect(complaints).toEqual([]);
  await page.close();
});

test('is under four screens high with its folds shut', async () => {
  const page = await visit(browser);
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(4 * 900);
  await page.close();
});

test('fetches at most 150 kB in gzip until the first chart stands, and nothing more while it is only read', async () => {
  const page = await visit(browser);
  await page.waitForSelector('.lead-chart svg');
  const fetched = (): Promise<string[]> =>
    page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.startsWith('http'))
        .map(({ name }) => new URL(name).pathname),
    );
  const files = await fetched();
  await scrollThrough(page);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await fetched()).toEqual(files);
  const sizes = ['/index.html', ...files].map(
    (file) => gzipSync(readFileSync(`${inject('pageFolder')}${file}`), { level: 9 }).length,
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
  await page.close();
});

test('the chosen row chooses the chart; arrows go from row to row, and Enter to the section of the claim', async () => {
  const page = await visit(browser);
  const title = (): Promise<string> => text(page, '.lead-chart h2');
  const top = (): Promise<number> => page.$eval('.board', (board) => board.getBoundingClientRect().top);
  const before = await top();
  await page.click('[data-claim=variance]');
  expect(await title()).toBe('Every estimator has the variance that its law says');
  expect(page.url()).toContain('claim=variance');
  await page.keyboard.press('ArrowDown');
  expect(await title()).toBe("Pass@k's gradient costs more samples than pass@1's");
  await page.keyboard.press('Home');
  expect(await title()).toContain("pass@k's gradient is a multiple");
  expect(await top()).toBe(before);
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    () => document.querySelector<HTMLDetailsElement>('[id="claim-theorem-3.1"]')?.open,
  );
  expect(await page.evaluate(() => document.activeElement?.closest('details')?.id)).toBe('claim-theorem-3.1');
  await page.close();
});

test('every claim has a chart, numbers, a method and what would refute it', async () => {
  const page = await visit(browser);
  for (const id of CLAIM_IDS) {
    await page.$eval(`[id="claim-${id}"] > summary`, (summary) => summary.click());
    await page.waitForSelector(`[id="claim-${id}"] figure`);
    await page.$eval(`[id="claim-${id}"]`, (section) => {
      for (const fold of section.querySelectorAll<HTMLElement>('.fold .fold > summary')) fold.click();
    });
    await page.waitForFunction(
      (own) => document.querySelectorAll(`[id="claim-${own}"] .claim-more .fold-body`).length === 3,
      {},
      id,
    );
    await page.$eval(`[id="claim-${id}"] figure`, (figure) => figure.scrollIntoView());
    await page.waitForSelector(`[id="claim-${id}"] figure svg path`);
    expect(await page.$$eval(`[id="claim-${id}"] table tbody tr`, (rows) => rows.length)).toBeGreaterThan(1);
  }
  expect(complaints).toEqual([]);
  await page.close();
});

test('a link to a claim opens it, and one to a row chooses it', async () => {
  const page = await visit(browser, '?claim=cost#claim-temperature');
  expect(await text(page, '.lead-chart h2')).toContain('costs more samples');
  await page.waitForFunction(() => document.querySelector<HTMLDetailsElement>('#claim-temperature')?.open);
  await page.close();
});

test('names at the top what the address has wrong, and goes on with the usual', async () => {
  const page = await visit(
    browser,
    '?preset=quik&sed=3&experiments=variance,nope&estimators=%3Cimg%20src=x%20onerror=alert(1)%3E',
  );
  const words = await text(page, '.notices');
  expect(words).toContain(
    'URL parameter preset: expected one of quick, standard, full, got "quik"; did you mean quick?',
  );
  expect(words).toContain('URL parameter sed: not known; did you mean seed?');
  expect(words).toContain('URL parameter experiments: expected relation');
  expect(words).toContain('URL parameter estimators: expected estimators among');
  expect(await page.$('img')).toBeNull();
  expect(await page.$eval('#run', (button) => button.textContent)).toContain('Check it on this machine');
  await page.close();
});

const looks = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 360, scheme: 'light' },
  { width: 360, scheme: 'dark' },
] as const;

test.each(looks)(
  'at $width px, $scheme: no rule of accessibility is broken, nothing is cut off',
  async (look) => {
    const page = await visit(browser, '', look);
    await scrollThrough(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(look.width);
    expect(await faults(page)).toEqual([]);
    const widths = await chartWidths(page);
    expect(widths.length).toBeGreaterThanOrEqual(5);
    for (const { id, svg, figure } of widths) expect([id, Math.abs(svg - figure) <= 1]).toEqual([id, true]);
    await page.close();
  },
);

test('with every fold open no rule of accessibility is broken either', async () => {
  const page = await visit(browser);
  for (let depth = 0; depth < 3; depth += 1) {
    await page.$$eval('details:not([open]) > summary', (folds) => {
      for (const fold of folds) fold.click();
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await scrollThrough(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
  expect(await faults(page)).toEqual([]);
  await page.close();
});

test('layout holds while it loads, and nothing moves where motion is not wanted', async () => {
  const page = await visit(browser);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await page.evaluate(() => window.shifts)).toBeLessThan(0.02);
  const durations = (): Promise<string[]> =>
    page.$$eval('*', (all) => [
      ...new Set(all.map((element) => getComputedStyle(element).transitionDuration)),
    ]);
  expect(await durations()).toContain('0.15s');
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
  expect(await durations()).toEqual(['0s']);
  await page.close();
});
