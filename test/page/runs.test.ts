/** Runs in the page: made, followed, cancelled, kept, opened, laid over one another. */
import type { Browser, Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Report } from '../../src/lab/suite/report.ts';
import {
  chartWidths,
  complaints,
  ended,
  faults,
  give,
  QUICK,
  rowsSeen,
  run,
  scrollThrough,
  SMALL,
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

const savedReport = async (page: Page): Promise<string> => {
  await page.evaluate(() => {
    [...document.querySelectorAll<HTMLElement>('.run.shown button')]
      .find((button) => button.textContent === 'Save report')
      ?.click();
  });
  await page.waitForFunction(() => window.saved.some(({ type }) => type === 'application/json'));
  return page.evaluate(() => window.saved.find(({ type }) => type === 'application/json')!.text);
};

describe('a run', () => {
  test('replaces rows in place, says how far it is, ends with its outcome in view, and offers its report', async () => {
    const page = await visit(browser, QUICK);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    const boardTop = (): Promise<number> =>
      page.$eval('.board', (board) => board.getBoundingClientRect().top);
    const before = await boardTop();
    await page.click('#run');
    await page.waitForSelector('.going');
    expect(await boardTop()).toBe(before);
    await page.waitForFunction(() => /^\d+ % /.test(document.title));
    await page.waitForFunction(() => document.querySelector('[data-source=running]') !== null);
    expect((await rowsSeen(page)).some(({ source }) => source === 'reference')).toBe(true);
    await ended(page);
    expect(await page.title()).toBe('nothing disagrees – passk-bench');
    const rows = await rowsSeen(page);
    expect(new Set(rows.map(({ source }) => source))).toEqual(new Set(['measured']));
    expect(rows.find(({ claim }) => claim === 'theorem-3.1')?.text).toContain('measured here');
    expect(rows.find(({ claim }) => claim === 'crossover')?.text).toContain('not run');
    const outcome = await page.$eval('.outcome', (found) => {
      const { top, bottom } = found.getBoundingClientRect();
      return { words: found.textContent, isSeen: top >= 0 && bottom <= innerHeight, scrolled: scrollY };
    });
    expect(outcome).toEqual({ words: 'On this machine: nothing disagrees.', isSeen: true, scrolled: 0 });
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('count');
    const report = JSON.parse(await savedReport(page)) as Report;
    expect([report.format, report.outcome]).toEqual(['passk-report@1', 'agrees']);
    expect(report.claims.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(
      expect.arrayContaining(['theorem-3.1 holds', 'crossover not-run']),
    );
    expect(report.throughput).toBeUndefined();
    expect(await boardTop()).toBe(before);
    expect(await faults(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('speaks at most once in ten seconds', async () => {
    const page = await visit(browser, QUICK);
    await run(page);
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    const spoken = await page.evaluate(() => window.spoken);
    expect(spoken.at(-1)?.text).toBe('Run ended: nothing disagrees.');
    for (let i = 1; i < spoken.length; i += 1)
      expect(spoken[i].at - spoken[i - 1].at).toBeGreaterThanOrEqual(9_900);
    await page.close();
  });

  test('trains with curves that are drawn while it does', async () => {
    const page = await visit(
      browser,
      '?ks=1,4&estimators=pkpo-loo1,rloo&experiments=collapse,objectives,crossover&engine=gpu',
    );
    await page.$eval('#training', (section) => section.scrollIntoView());
    const live = page.waitForSelector('#figure-live svg', { timeout: 60_000 });
    await page.$eval('#run', (button) => (button as HTMLElement).click());
    await live;
    await ended(page);
    expect(await page.$('#figure-live')).toBeNull();
    expect(await text(page, '.outcome')).toContain('nothing disagrees');
    await page.waitForSelector('#figure-training-1 svg path');
    expect(
      await page.$$eval('#figure-training-1 .key-entry', (keys) =>
        keys.map((key) => key.textContent.slice(2)),
      ),
    ).toContain('rloo');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test.each(['relation', 'signal', 'variance', 'aggregate', 'temperature'])(
    'of %s alone has charts as wide as their columns',
    async (experiment) => {
      const page = await visit(browser, `?${SMALL}&experiments=${experiment}`);
      await run(page);
      await scrollThrough(page);
      const widths = await chartWidths(page);
      expect(widths.length).toBeGreaterThanOrEqual(1);
      for (const { id, svg, figure } of widths) expect([id, Math.abs(svg - figure) <= 1]).toEqual([id, true]);
      await page.close();
    },
  );

  test('keeps the main thread free', async () => {
    const page = await visit(browser, QUICK);
    await page.evaluate(() => {
      window.longTasks = [];
    });
    await run(page);
    // Generous for a loaded machine: a run on the main thread would block for seconds.
    expect(Math.max(0, ...(await page.evaluate(() => window.longTasks)))).toBeLessThan(1_000);
    await page.close();
  });

  test('is cancelled without a verdict, and another can be made', async () => {
    const page = await visit(browser, '?preset=standard&experiments=relation,variance');
    await page.click('#run');
    await page.waitForFunction(() =>
      document.querySelector('.going .quiet')?.textContent.includes('sampling'),
    );
    await page.click('.going button');
    await ended(page);
    expect(await text(page, '.outcome')).toBe('On this machine: cut short: no verdict.');
    expect((await rowsSeen(page)).find(({ claim }) => claim === 'theorem-3.1')?.text).toContain('not run');
    expect(await page.$eval('#run', (button) => (button as HTMLButtonElement).disabled)).toBe(false);
    await page.close();
  });

  test('begins by itself where the address says so, and asks before it is left', async () => {
    const page = await visit(browser, `?run=standard&experiments=relation`);
    await page.waitForFunction(() => document.title.includes('%'));
    expect(page.url()).toContain('preset=standard');
    // A page that nobody has touched is left without a question.
    await page.click('h1');
    const asked = new Promise<string>((resolve) => {
      page.once('dialog', (dialog) => {
        resolve(dialog.type());
        void dialog.accept();
      });
    });
    void page.close({ runBeforeUnload: true });
    expect(await asked).toBe('beforeunload');
  });

  test('takes its settings from behind one button, with a fault beside its field, and keeps the address in step', async () => {
    const page = await visit(browser, '?seed=5');
    await page.evaluate(() => {
      document.querySelector<HTMLElement>('.presets > .link')?.click();
    });
    await page.waitForSelector('#set-groupSize');
    expect(await page.$eval('#set-seed', (field) => (field as HTMLInputElement).value)).toBe('5');
    const set = (id: string, value: string): Promise<void> =>
      page.$eval(
        `#set-${id}`,
        (field, wanted) => {
          (field as HTMLInputElement).value = wanted;
          field.dispatchEvent(new Event('change', { bubbles: true }));
        },
        value,
      );
    await set('groupSize', '1');
    expect(await text(page, '#set-groupSize-error')).toBe(
      'Group size n: expected an integer in 2..128, got 1',
    );
    await set('groupSize', '8');
    expect(page.url()).toContain('groupSize=8');
    await page.evaluate(() => {
      [...document.querySelectorAll<HTMLElement>('.segment button')]
        .find(({ textContent }) => textContent === 'Standard')
        ?.click();
    });
    expect(page.url()).toContain('preset=standard');
    expect(page.url()).toContain('seed=5');
    await page.click('.choices input[value=throughput]');
    expect(await text(page, '.presets')).toContain('11 of 12 experiments');
    await page.close();
  });
});

test('ends with a line where its engine cannot be fetched, and can be started again', async () => {
  const page = await visit(browser, `?${SMALL}&experiments=variance`);
  await page.setRequestInterception(true);
  let isBroken = true;
  page.on('request', (request) => {
    if (isBroken && request.url().includes('engine.worker')) void request.respond({ status: 404 });
    else void request.continue();
  });
  await page.click('#run');
  await page.waitForSelector('.notice.wrong');
  expect(await text(page, '.notice.wrong')).toContain('could not be fetched');
  expect(await page.title()).not.toContain('%');
  isBroken = false;
  complaints.length = 0;
  await run(page);
  expect(await text(page, '.outcome')).toContain('nothing disagrees');
  await page.close();
});

test('two clicks in quick succession start one run, and cancel none', async () => {
  const page = await visit(browser, `?${SMALL}&experiments=relation`);
  await page.click('#run', { count: 2, delay: 20 });
  await ended(page);
  expect(await text(page, '.outcome')).toBe('On this machine: nothing disagrees.');
  await page.close();
});

describe('runs that are kept', () => {
  test('are there after a reload, are laid over one another with what compare says, and go', async () => {
    const own = await browser.createBrowserContext();
    const first = await own.newPage();
    await first.goto(`${inject('pageUrl')}?${SMALL}&experiments=variance`, { waitUntil: 'load' });
    await first.waitForSelector('#run');
    await run(first);
    await run(first);
    await first.reload({ waitUntil: 'load' });
    await first.waitForFunction(() => document.querySelectorAll('.run').length === 3);
    const press = (row: number, name: string): Promise<void> =>
      first.evaluate(
        (index, words) => {
          [...document.querySelectorAll('.run')[index].querySelectorAll('button')]
            .find(({ textContent }) => textContent === words)
            ?.click();
        },
        row,
        name,
      );
    await press(1, 'Open');
    await first.waitForFunction(() => document.querySelectorAll('.run')[1].classList.contains('shown'));
    await press(2, 'Lay over');
    await first.waitForSelector('.comparison');
    expect(await text(first, '.comparison')).toMatch(
      /OK: \d+ tallies are equal to the last bit, and no verdict got worse/,
    );
    await first.$eval('#estimators', (section) => section.scrollIntoView());
    await first.click('#estimators .chip-actions button:nth-child(3)');
    await first.evaluate(() => {
      const slider = document.querySelector<HTMLInputElement>('input[name=n]')!;
      // n = 2, 3, 4, …
      slider.value = '2';
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      slider.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await first.waitForSelector('#figure-bench [data-overlay] path[d^=M]');
    await press(2, 'Delete');
    await first.waitForFunction(() => document.querySelectorAll('.run').length === 2);
    await first.reload({ waitUntil: 'load' });
    await first.waitForFunction(() => document.querySelectorAll('.run').length === 2);
    await own.close();
  });

  test('of another seed is not comparable, and that is said', async () => {
    const page = await visit(browser, `?${SMALL}&experiments=variance`);
    await run(page);
    const report = await savedReport(page);
    const other = report
      .replace('"seed":1,', '"seed":2,')
      .replace(/"startedAt":"[^"]*"/, '"startedAt":"2026-01-01T00:00:00.000Z"');
    await give(page, 'other.json', other);
    await page.waitForFunction(() =>
      document.querySelector('.outcome')?.textContent.startsWith('other.json'),
    );
    expect((await rowsSeen(page)).find(({ claim }) => claim === 'variance')?.text).toContain('from a file');
    await page.evaluate(() => {
      [...document.querySelectorAll<HTMLElement>('.run:not(.shown) button')]
        .filter(({ textContent }) => textContent === 'Lay over')
        .at(1)
        ?.click();
    });
    await page.waitForSelector('.comparison');
    expect(await text(page, '.comparison')).toContain('config.seed');
    await page.close();
  });

  test('a report that disagrees says whose fault to rule out first, and its points are crosses', async () => {
    const page = await visit(browser, `?${SMALL}&experiments=relation`);
    await run(page);
    const report = JSON.parse(await savedReport(page)) as Report;
    const rejected = JSON.stringify({ ...report, outcome: 'disagrees' }).replaceAll(
      /("estimator":"ordergrad","k":2,"alpha":[^}]*?"slope":\{[^}]*\}[^}]*?)"verdict":"agree"/g,
      '$1"verdict":"disagree"',
    );
    await give(page, 'other.json', rejected);
    await page.waitForFunction(() => document.querySelector('.outcome.disagrees') !== null);
    expect(await text(page, '.answer')).toMatch(
      /^Checks of this run reject the theorem\. First rule out a fault/,
    );
    expect(await text(page, '[data-claim="theorem-3.1"]')).toMatch(/fails.*\d+ disagree$/s);
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.lead-chart [data-points] path:last-child')].some(
        (crosses) => crosses.getAttribute('d') !== '',
      ),
    );
    expect(await text(page, '.lead-chart .states')).toContain('✗ disagrees');
    await page.close();
  });

  test('a hostile report is text, and one that is broken is one line', async () => {
    const page = await visit(browser, `?${SMALL}&experiments=variance,published`);
    await run(page);
    const report = await savedReport(page);
    const hostile = report.replaceAll(
      /"(title|words|brief|estimator|quantity|source|note|adapter|runtime|description)":"/g,
      '"$1":"<img src=x onerror=alert(1)><script>alert(2)</script>',
    );
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    await give(page, 'hostile.json', hostile);
    await page.waitForFunction(() =>
      document.querySelector('.outcome')?.textContent.startsWith('hostile.json'),
    );
    await page.$$eval('#appendix details > summary', (folds) => {
      for (const fold of folds) fold.click();
    });
    await scrollThrough(page);
    expect(await page.$('main img')).toBeNull();
    expect(await page.$('main script')).toBeNull();
    expect(dialogs).toBe(0);
    await give(page, 'broken.json', report.replaceAll('"structural":', '"other":'));
    await page.waitForFunction(() => document.querySelector('.notice.wrong') !== null);
    expect(await text(page, '.notice.wrong')).toMatch(
      /^broken\.json: expected a report as this version writes it, got .*Nothing was opened/,
    );
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test('without WebGPU the CPU engine runs everything, and one line says so', async () => {
  const plain = await start('--disable-gpu', '--disable-features=WebGPU');
  try {
    const page = await visit(plain, `?${SMALL}&experiments=relation,updates`);
    await page.waitForFunction(() =>
      document.querySelector('.engine-line')?.textContent.includes('no WebGPU'),
    );
    await run(page);
    expect(await text(page, '.outcome')).toContain('nothing disagrees');
    expect(await text(page, '.shown-now')).toContain('CPU engine');
    expect(complaints).toEqual([]);
    await page.close();
  } finally {
    await plain.close();
  }
});
