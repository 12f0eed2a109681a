/** Opening the page as a person does, and looking at what a person meets. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch, type Browser, type Page } from 'puppeteer';
import { inject } from 'vitest';
import { browserOptions } from '../browser.ts';

declare global {
  interface Window {
    /** texts of the files that the page has offered, the last one last */
    saved: { readonly type: string; readonly text: string }[];
    shifts: number;
    longTasks: number[];
    spoken: { readonly at: number; readonly text: string }[];
  }
}

/** Everything but what takes its time. */
export const SMALL =
  'tokensPerPrompt=65536&classTokensPerPrompt=65536&varianceSamples=8192&groupSizes=4&ks=1,2,4&estimators=pkpo,ordergrad,rloo';
export const QUICK = `?${SMALL}&experiments=relation,figure1,signal,variance,aggregate,temperature,published`;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const SOFTWARE = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

export function start(...flags: string[]): Promise<Browser> {
  const { executablePath } = browserOptions();
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return launch({
    executablePath,
    headless: true,
    args: [
      ...sandbox,
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      '--no-first-run',
      ...flags,
    ],
  });
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  readonly url?: string;
}

/** Faults of every page since they were last taken. */
export const complaints: string[] = [];

export async function visit(browser: Browser, query = '', look: Look = {}): Promise<Page> {
  const { width = 1280, height = 900, scheme = 'light', url = inject('pageUrl') } = look;
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  // The page's policy lets nobody fetch a blob that it offers: its text is taken where it is made.
  await page.evaluateOnNewDocument(() => {
    window.saved = [];
    window.shifts = 0;
    window.longTasks = [];
    window.spoken = [];
    const create = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob: Blob) => {
      void blob.text().then((text) => window.saved.push({ type: blob.type, text }));
      return create(blob);
    };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { hadRecentInput, value } = entry as PerformanceEntry & {
          hadRecentInput: boolean;
          value: number;
        };
        if (!hadRecentInput) window.shifts += value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
    }).observe({ type: 'longtask', buffered: true });
    document.addEventListener('DOMContentLoaded', () => {
      const place = document.getElementById('spoken');
      if (!place) return;
      new MutationObserver(() => {
        window.spoken.push({ at: performance.now(), text: place.textContent });
      }).observe(place, { childList: true, characterData: true, subtree: true });
    });
  });
  await page.goto(url + query, { waitUntil: 'load' });
  await page.waitForSelector('.lead-chart .chart');
  return page;
}

export async function run(page: Page): Promise<void> {
  await page.click('#run');
  await page.waitForFunction(() => document.title.includes('%'));
  await ended(page);
}

export async function ended(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.title.includes('%'), { timeout: 100_000 });
  await page.waitForFunction(() => document.querySelector('.going') === null);
}

export const text = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (found) => found.textContent);

export interface RowSeen {
  readonly claim: string;
  readonly source: string;
  readonly text: string;
}

export const rowsSeen = (page: Page): Promise<RowSeen[]> =>
  page.$$eval('[data-claim]', (rows) =>
    rows.map((row) => ({
      claim: row.getAttribute('data-claim')!,
      source: row.getAttribute('data-source')!,
      text: row.textContent,
    })),
  );

/** Accessibility faults, evaluated outside the page's own policy. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: checker } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await checker.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`);
  });
}

/** As a file picker would. */
export async function give(page: Page, name: string, content: string, picker = '#open-file'): Promise<void> {
  await page.$eval(
    picker,
    (found, fileName, fileText) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([fileText], fileName));
      (found as HTMLInputElement).files = transfer.files;
      found.dispatchEvent(new Event('change', { bubbles: true }));
    },
    name,
    content,
  );
}

/** Every svg of a chart with the width of the figure that it stands in. */
export const chartWidths = (
  page: Page,
): Promise<{ readonly id: string; readonly svg: number; readonly figure: number }[]> =>
  page.$$eval('figure', (figures) =>
    figures.flatMap((figure) => {
      const svg = figure.querySelector('svg');
      return svg
        ? [{ id: figure.id, svg: svg.getBoundingClientRect().width, figure: figure.clientWidth }]
        : [];
    }),
  );

export async function scrollThrough(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += 400) {
      window.scrollTo(0, y);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    window.scrollTo(0, 0);
  });
}
