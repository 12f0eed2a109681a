/** The page as a person meets it, in a real browser. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch, type Browser, type Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Report } from '../../src/lab/suite/report.ts';
import { browserOptions } from '../browser.ts';

declare global {
  interface Window {
    savedReport?: string;
  }
}

/** Everything but `throughput`, which takes its time. */
const EXPERIMENTS = 'relation,figure1,signal,variance,aggregate,temperature,published';
const SMALL = '?tokensPerPrompt=65536&varianceSamples=8192&groupSizes=4&ks=1,4&estimators=pkpo,rloo';
const QUICK = `${SMALL}&experiments=${EXPERIMENTS}`;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let complaints: string[] = [];

async function start(...flags: string[]): Promise<Browser> {
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

async function visit(
  from: Browser,
  query = QUICK,
  width = 1280,
  scheme: 'light' | 'dark' = 'light',
): Promise<Page> {
  const page = await from.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.setViewport({ width, height: 800 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  // The page's policy lets nobody fetch the report's blob: take its text where it is made.
  await page.evaluateOnNewDocument(() => {
    const create = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (blob: Blob) => {
      void blob.text().then((saved) => (window.savedReport = saved));
      return create(blob);
    };
  });
  await page.goto(inject('pageUrl') + query);
  await page.waitForSelector(query.includes('#diagnose') ? '#drop' : '#chart svg');
  return page;
}

async function finish(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('#verdict h2') !== null, { timeout: 90_000 });
}

const text = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (found) => found.textContent);

/** Accessibility faults, evaluated outside the page's own policy. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: checker } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await checker.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
  });
}

beforeAll(async () => {
  browser = await start('--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader');
});
afterAll(() => browser.close());
afterEach(() => {
  complaints = [];
});

describe('the page', () => {
  test('runs, says what it found, draws it and offers the report, with nothing on the console', async () => {
    const page = await visit(browser);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await page.click('#run');
    await finish(page);
    expect(await text(page, '#verdict h2')).toBe('Nothing disagrees');
    // Two charts of Figure 1, one each of relation, signal, variance, aggregate and temperature.
    await page.waitForFunction(() => document.querySelectorAll('#experiments svg[role=img]').length === 7);
    expect(await page.$$eval('#experiments svg circle', (dots) => dots.length)).toBeGreaterThan(5);
    // One of each, and two more of relation (given the outcome, the two means), four of signal (who shares a line, three ends), two of
    // published; the families and the deliberate mistakes.
    expect(await page.$$eval('#experiments table', (tables) => tables.length)).toBe(17);
    await page.select('select[aria-label=Estimator]', 'rloo');
    await page.waitForSelector('#experiments table[aria-label^="rloo: measured slope"]');
    const report = JSON.parse(await page.evaluate(() => window.savedReport!)) as Report;
    expect([report.format, report.outcome]).toEqual(['passk-report@1', 'agrees']);
    expect(Object.keys(report)).toEqual(expect.arrayContaining(EXPERIMENTS.split(',')));
    expect(report.throughput).toBeUndefined();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('draws the variance that is chosen, and runs only what is ticked', async () => {
    const page = await visit(browser, `${SMALL}&experiments=variance`);
    expect(
      await page.$$eval('#menu input:checked', (boxes) => boxes.map((box) => box.getAttribute('value'))),
    ).toEqual(['variance']);
    await page.click('#run');
    await finish(page);
    const name = (): Promise<string | null> =>
      page.$eval('#experiments svg[role=img]', (svg) => svg.getAttribute('aria-label'));
    await page.waitForSelector('#experiments svg[role=img]');
    expect(await name()).toBe('variance of G against k at n = 4, J1 = 0.5');
    await page.select('select[aria-label=J1]', '0.9');
    await page.waitForFunction(
      () =>
        document.querySelector('#experiments svg[role=img]')?.getAttribute('aria-label')?.endsWith('0.9') ??
        false,
    );
    await page.click('#menu input[value=signal]');
    await page.$eval('#seed', (field) => field.dispatchEvent(new Event('change', { bubbles: true })));
    expect(page.url()).toContain('&experiments=signal,variance');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('keeps the main thread free while it runs', async () => {
    const page = await visit(browser);
    const longest = page.evaluate(async () => {
      let worst = 0;
      let last = performance.now();
      while (!document.querySelector('#verdict h2')) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        worst = Math.max(worst, performance.now() - last);
        last = performance.now();
      }
      return worst;
    });
    await page.click('#run');
    // Generous for a loaded machine: a run on the main thread would block for seconds.
    expect(await longest).toBeLessThan(1_000);
    await page.close();
  });

  test('cancels, gives no verdict, and can run again', async () => {
    const page = await visit(browser, '?preset=standard&experiments=relation');
    await page.click('#run');
    await page.waitForFunction(
      () => document.querySelector('#status')?.textContent.includes('sampling, ') ?? false,
    );
    await page.click('#cancel');
    await finish(page);
    expect(await text(page, '#verdict h2')).toBe('Cut short: no verdict');
    expect(await page.$eval('#run', (button) => (button as HTMLButtonElement).disabled)).toBe(false);
    await page.close();
  });

  test('shows a fault beside its field and keeps the URL in step with the form', async () => {
    const page = await visit(browser, '?seed=5');
    expect(await page.$eval('#seed', (field) => (field as HTMLInputElement).value)).toBe('5');
    await page.$eval('#groupSize', (field) => {
      (field as HTMLInputElement).value = '1';
      field.dispatchEvent(new Event('change', { bubbles: true }));
    });
    expect(await text(page, '#groupSize-error')).toBe('Group size n: expected an integer in 2..128, got 1');
    await page.select('#preset', 'standard');
    expect(page.url()).toContain('?preset=standard&seed=5');
    await page.close();
  });

  test('chooses estimators from the catalogue by boxes', async () => {
    const page = await visit(browser, '?estimators=pkpo,grpo:std=sample');
    await page.click('.choices summary');
    // Boxes are ticked when the menu is open, not with the click that opens it.
    await page.waitForSelector('.choices input[value=pkpo]:checked', { visible: true });
    expect(
      await page.$$eval('.choices input:checked', (boxes) => boxes.map((box) => box.getAttribute('value'))),
    ).toEqual(['pkpo']);
    await page.click('.choices input[value=rft]');
    await page.click('.choices input[value=pkpo]');
    expect(await page.$eval('#estimators', (field) => (field as HTMLInputElement).value)).toBe(
      'grpo:std=sample,rft',
    );
    expect(page.url()).toContain('&estimators=grpo:std=sample,rft');
    await page.close();
  });

  test('takes nothing from the URL unchecked', async () => {
    const page = await visit(browser, '?estimators=%3Cimg%20src=x%20onerror=alert(1)%3E');
    expect(await text(page, '#status')).toContain('URL parameter estimators: expected estimators among');
    expect(await page.$('img')).toBeNull();
    await page.close();
  });

  const looks: [number, 'light' | 'dark'][] = [
    [1280, 'light'],
    [1280, 'dark'],
    [360, 'light'],
    [360, 'dark'],
  ];
  test.each(looks)(
    'at %i px, %s: nothing is cut off and no accessibility rule is broken',
    async (width, scheme) => {
      const page = await visit(browser, QUICK, width, scheme);
      await page.click('#run');
      await finish(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      expect(await faults(page)).toEqual([]);
      await page.close();
    },
  );
});

describe('training on the page', () => {
  test('draws while it runs, and shows what each experiment found', async () => {
    const page = await visit(
      browser,
      '?ks=1,4&estimators=pkpo-loo1,rloo&experiments=collapse,objectives,crossover&engine=gpu',
    );
    const live = page.waitForFunction(() => document.querySelector('#live svg') !== null, {
      timeout: 60_000,
    });
    await page.click('#run');
    await live;
    await finish(page);
    expect(await text(page, '#verdict h2')).toBe('Nothing disagrees');
    expect(await page.$eval('#live', (found) => (found as HTMLElement).hidden)).toBe(true);
    await page.waitForFunction(() => document.querySelectorAll('#experiments svg[role=img]').length === 3);
    await page.select('select[aria-label=Quantity]', 'modes kept');
    await page.select('select[aria-label=Workload]', 'tree');
    await page.waitForFunction(() =>
      [...document.querySelectorAll('#experiments svg[role=img]')].some(
        (svg) => svg.getAttribute('aria-label') === 'modes kept along training on tree, by objective',
      ),
    );
    expect(await faults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

describe('the diagnose view', () => {
  const csv = ['problem;n;correct;model'];
  for (let i = 0; i < 40; i += 1) {
    csv.push(`p${i};32;${Math.floor(i / 2)};before`, `p${i};32;${i > 15 ? 32 : 0};after`);
  }

  async function open(width = 1280, scheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const page = await visit(browser, '#diagnose', width, scheme);
    await page.waitForSelector('#diagnose-columns');
    return page;
  }

  /** As a file picker would. */
  async function give(page: Page, name: string, content: string): Promise<void> {
    await page.$eval(
      '#files',
      (found, fileName, fileText) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([fileText], fileName));
        (found as HTMLInputElement).files = transfer.files;
        found.dispatchEvent(new Event('change'));
      },
      name,
      content,
    );
  }

  const drawn = (page: Page): Promise<unknown> =>
    page.waitForFunction(() => document.querySelectorAll('#diagnosis svg[role=img]').length === 4);

  const looks: [number, 'light' | 'dark'][] = [
    [1280, 'light'],
    [360, 'dark'],
  ];
  test.each(looks)(
    'at %i px, %s: a spreadsheet export becomes findings, charts and a saved chart',
    async (width, scheme) => {
      const page = await open(width, scheme);
      expect(await page.$eval('#laboratory', (found) => (found as HTMLElement).hidden)).toBe(true);
      await give(page, 'export.csv', csv.join('\r\n'));
      await drawn(page);
      expect(await text(page, '#diagnosis li')).toContain('after leads at k = 1');
      expect(await text(page, '#diagnosis li')).toContain('before overtakes at k =');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      expect(await faults(page)).toEqual([]);
      await page.click('#diagnosis section button');
      await page.waitForFunction(() => window.savedReport?.startsWith('<svg') ?? false);
      const svg = await page.evaluate(() => window.savedReport!);
      for (const words of ['Pass@k of before, after', '>before<', '>after<', '</svg>'])
        expect(svg).toContain(words);
      expect(svg).not.toContain('var(--');
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test('says in one line what is wrong with a file or a setting, and goes on with the next', async () => {
    const page = await open();
    await give(page, 'bad.csv', 'problem,n,correct\na,8,9\n');
    await page.waitForFunction(() => document.querySelector('#diagnose-status')?.className === 'error');
    expect(await text(page, '#diagnose-status')).toContain('line 2: expected correct, an integer in 0..8');
    await give(page, 'export.csv', csv.join('\n'));
    await drawn(page);
    await page.type('#diagnose-k', '99');
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.querySelector('#diagnose-status')?.className === 'error');
    expect(await text(page, '#diagnose-status')).toContain(
      'no unbiased estimator of pass@k exists for k > n',
    );
    await page.close();
  });

  test('the example needs no file, and the laboratory is a click away', async () => {
    const page = await open();
    await page.click('#example');
    await drawn(page);
    await page.click('#to-laboratory');
    await page.waitForFunction(() => document.querySelector<HTMLElement>('#laboratory')?.hidden === false);
    await page.close();
  });
});

test('without WebGPU the page says what is missing, shows the exact theory, and runs on the CPU', async () => {
  const plain = await start('--disable-gpu', '--disable-features=WebGPU');
  try {
    const page = await visit(plain, `${SMALL}&experiments=relation,updates`);
    await page.waitForFunction(() => document.querySelector('#status')?.className === 'notice');
    expect(await text(page, '#status')).toContain('no WebGPU adapter');
    expect(await page.$$eval('#exact table', (tables) => tables.map(({ rows }) => rows.length))).toEqual([
      8, 18,
    ]);
    expect(await page.$$eval('#chart svg path', (paths) => paths.length)).toBeGreaterThan(1);
    await page.click('#run');
    await finish(page);
    expect(await text(page, '#verdict h2')).toBe('Nothing disagrees');
    expect(await text(page, '#status')).toMatch(
      /threads of the host, WebAssembly SIMD; No WGSL was exercised/,
    );
    expect(await faults(page)).toEqual([]);
  } finally {
    await plain.close();
  }
});
