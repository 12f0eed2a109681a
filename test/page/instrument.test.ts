/** The instrument: workbench, charts and their exports, files that are dropped, diagnosis. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { complaints, faults, give, SOFTWARE, start, text, visit } from './visit.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await start(...SOFTWARE);
});
afterAll(() => browser.close());
afterEach(() => {
  complaints.length = 0;
});

/** A button of a part of the page, by its words. */
const press = (page: Page, place: string, words: string): Promise<void> =>
  page.$eval(
    place,
    (part, name) => {
      const button = [...part.querySelectorAll<HTMLElement>('button')].find(
        ({ textContent }) => textContent.trim().replace(/^\S /, '') === name || textContent.trim() === name,
      );
      if (!button) throw new Error(`no button ${name}`);
      button.click();
    },
    words,
  );

async function toWorkbench(page: Page): Promise<void> {
  await page.$eval('#estimators', (section) => section.scrollIntoView());
  await page.waitForSelector('#figure-bench svg');
}

const seriesOf = (page: Page, figure: string): Promise<(string | null)[]> =>
  page.$$eval(`${figure} svg [data-series]`, (groups) =>
    groups.map((group) => group.getAttribute('data-series')),
  );

describe('the workbench', () => {
  test('draws variance against k of three estimators at once, and exports it in two clicks', async () => {
    const page = await visit(browser);
    await toWorkbench(page);
    expect(await seriesOf(page, '#figure-bench')).toEqual([
      'pkpo',
      'pkpo-loo1',
      'ordergrad',
      'least unbiased',
    ]);
    for (const kind of ['SVG', 'PNG', 'CSV']) await press(page, '#figure-bench', kind);
    await page.waitForFunction(() => window.saved.length === 3);
    const saved = await page.evaluate(() => window.saved);
    const svg = saved.find(({ type }) => type === 'image/svg+xml')!.text;
    expect(svg).toMatch(/^<svg .*variance of one group’s gradient against k at n = 16, J₁ = 0.5/s);
    for (const name of ['pkpo', 'pkpo-loo1', 'ordergrad']) expect(svg).toContain(`${name}</text>`);
    expect(svg).not.toContain('var(--');
    expect(saved.find(({ type }) => type === 'image/png')!.text).toMatch(/^.PNG/);
    const csv = saved.find(({ type }) => type === 'text/csv')!.text.split('\n');
    expect(csv[0]).toBe('series,kind,x,y,low,high,exact,count,state,what');
    // Every integer k of 1..16, on the unbiased estimator that is defined at all of them.
    expect(csv.filter((line) => line.startsWith('pkpo,line,'))).toHaveLength(16);
    expect(csv.filter((line) => line.startsWith('pkpo,measured,')).length).toBeGreaterThan(3);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('follows its chips, its sliders and its segments, and puts them into the address', async () => {
    const page = await visit(browser);
    await toWorkbench(page);
    await press(page, '#estimators', 'rloo');
    await press(page, '#estimators', 'pkpo');
    expect(await seriesOf(page, '#figure-bench')).toEqual([
      'rloo',
      'pkpo-loo1',
      'ordergrad',
      'least unbiased',
    ]);
    await press(page, '#estimators .segmented', 'SNR');
    await press(page, '#estimators .segmented:nth-of-type(2)', 'J1').catch(() => undefined);
    await page.focus('input[name=k]');
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(() => location.search.includes('bench.k=7'));
    expect(page.url()).toContain('bench.draw=SNR');
    expect(page.url()).toContain('bench.estimators=rloo,pkpo-loo1,ordergrad,');
    const link = page.url();
    await page.goto(link, { waitUntil: 'load' });
    await toWorkbench(page);
    expect(await seriesOf(page, '#figure-bench')).toEqual([
      'rloo',
      'pkpo-loo1',
      'ordergrad',
      'least unbiased',
    ]);
    expect(await page.$eval('input[name=k]', (slider) => slider.value)).toBe('7');
    await press(page, '#estimators .chip-actions', 'none');
    expect(await text(page, '#figure-bench')).toContain('Nothing to draw with these choices.');
    await press(page, '#estimators .chip-actions', 'unbiased');
    expect((await seriesOf(page, '#figure-bench')).length).toBeGreaterThan(4);
    await page.close();
  });

  test('has every quantity against every axis, with the exact values of the command line', async () => {
    const page = await visit(browser);
    await toWorkbench(page);
    await press(page, '#estimators .tray', 'weights');
    expect((await seriesOf(page, '#figure-bench')).length).toBe(6);
    for (const quantity of ['SNR', 'samples', 'bias', 'silence', 'variance']) {
      await press(page, '#estimators .tray', quantity);
      for (const axis of ['n', 'k']) {
        await press(page, '#estimators .tray', axis);
        expect((await seriesOf(page, '#figure-bench')).length).toBeGreaterThanOrEqual(3);
      }
    }
    // Whatever the axis, the table is exact at the values that are asked for.
    await page.goto(page.url().split('?')[0] + '?bench.J1=0.9&bench.draw=samples&bench.k=4', {
      waitUntil: 'load',
    });
    const shownRows = (): Promise<string[]> =>
      page.$$eval('.at-marker tbody tr', (all) => all.map((row) => row.textContent));
    const againstK = await shownRows();
    expect(againstK[0]).toMatch(/^pkpoof pass@k9\.74e\+7/);
    await press(page, '#estimators .tray', 'J1');
    expect((await shownRows()).map((row) => row.slice(0, 20))).toEqual(
      againstK.map((row) => row.slice(0, 20)),
    );
    await page.goto(page.url().split('?')[0], { waitUntil: 'load' });
    const rows = await shownRows();
    // PKPO without a baseline at n = 16, k = 8, J1 = .5, 6 arms of which 2 are correct: test/experiments/variance.test.ts.
    expect(rows[0]).toMatch(/^pkpoof pass@k3\.184/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('names what a pasted table estimates, draws it, and takes it into the next run', async () => {
    const page = await visit(
      browser,
      '?experiments=variance&tokensPerPrompt=65536&varianceSamples=8192&estimators=rloo&ks=1,4&groupSizes=4',
    );
    await page.$eval('#identify > summary', (summary) => summary.click());
    const table = {
      ...{ format: 'passk-estimator@1', name: 'mine', n: 4, k: 1 },
      ...{ correct: [null, '1/4', '1/6', '1/12', 0], wrong: [0, '-1/12', '-1/6', '-1/4', null] },
    };
    await page.$eval(
      '#identify textarea',
      (area, content) => {
        area.value = content;
        area.dispatchEvent(new Event('input', { bubbles: true }));
      },
      JSON.stringify(table),
    );
    await press(page, '#identify', 'Judge: weights, loss is their sum');
    await page.waitForSelector('#identify .verdict');
    expect(await text(page, '#identify .verdict')).toMatch(
      /^mine, n = 4: it is rloo: unbiased for .*pass@1\. It also fits: ordergrad at k = 1\./,
    );
    await toWorkbench(page);
    expect(await seriesOf(page, '#figure-bench')).toContain('mine');
    await page.click('#run');
    await page.waitForFunction(() => document.title.includes('%'));
    await page.waitForFunction(() => !document.title.includes('%'), { timeout: 60_000 });
    expect(await text(page, '.outcome')).toContain('nothing disagrees');
    await page.waitForSelector('#figure-bench [data-series=mine] [data-points]');
    await give(page, 'bad.csv', 'n,c,reward,advantage\n4,9,1,1\n');
    await page.waitForSelector('.notice.wrong');
    expect(await text(page, '.notice.wrong')).toContain('bad.csv');
    await page.close();
  });

  test('takes a problem file as its policy', async () => {
    const page = await visit(browser);
    await give(
      page,
      'mine.json',
      readFileSync(new URL('../oracle/bandit4.problem.json', import.meta.url), 'utf8'),
    );
    await page.waitForFunction(
      () => document.querySelector<HTMLSelectElement>('.policy select')?.value === 'mine.json',
    );
    await toWorkbench(page);
    expect(await page.$eval('#figure-bench svg', (svg) => svg.getAttribute('aria-label'))).toContain(
      'mine.json',
    );
    await give(page, 'broken.json', '{"format":"passk-problem@1","vocab":1}');
    await page.waitForSelector('.notice.wrong');
    expect(await text(page, '.notice.wrong')).toContain('broken.json');
    await page.close();
  });
});

describe('a chart', () => {
  test('is one stop of the keyboard: arrows go along points and from series to series, and the tip is said', async () => {
    const page = await visit(browser);
    await page.waitForSelector('.lead-chart svg');
    await page.$eval('.lead-chart svg', (svg) => svg.focus());
    await page.keyboard.press('ArrowRight');
    const first = await text(page, '.lead-chart .tip');
    expect(first).toMatch(/J1 = .*, k = 1.*exact 1/);
    await page.keyboard.press('ArrowDown');
    expect(await text(page, '.lead-chart .tip')).toContain('k = 2');
    expect(await text(page, '.lead-chart [aria-live]')).toContain('k = 2');
    await page.keyboard.press('Escape');
    expect(await page.$('.lead-chart .tip')).toBeNull();
    await page.close();
  });

  test('switches series off by its key, chooses by its menus, and keeps both in the address', async () => {
    const page = await visit(browser);
    await page.waitForSelector('.lead-chart svg');
    await press(page, '.lead-chart .key', 'k = 16');
    expect(await seriesOf(page, '.lead-chart')).not.toContain('k = 16');
    await page.select('.lead-chart select', 'rloo');
    await page.waitForFunction(() =>
      document.querySelector('.lead-chart svg')?.getAttribute('aria-label')?.includes('rloo'),
    );
    expect(decodeURIComponent(page.url())).toContain('slopes.Estimator=rloo');
    await page.reload({ waitUntil: 'load' });
    await page.waitForSelector('.lead-chart svg');
    expect(await seriesOf(page, '.lead-chart')).not.toContain('k = 16');
    expect(await page.$eval('.lead-chart svg', (svg) => svg.getAttribute('aria-label'))).toContain('rloo');
    await page.close();
  });

  test('has a tip where it is pointed at, and its numbers in a table', async () => {
    const page = await visit(browser, '?claim=aggregate');
    await page.waitForSelector('.lead-chart svg [data-points]');
    // The first corner of the first point.
    const place = await page.$eval('.lead-chart svg', (svg) => {
      const marks = [...svg.querySelectorAll('[data-points] path')].map(
        (path) => path.getAttribute('d') ?? '',
      );
      const [, x, y] = /M([\d.]+),([\d.]+)[aL]/.exec(marks.find((mark) => /[aL]/.test(mark)) ?? '')!;
      const box = svg.getBoundingClientRect();
      return { x: box.x + Number(x), y: box.y + Number(y) };
    });
    await page.mouse.click(place.x, place.y);
    expect(await text(page, '.lead-chart .tip')).toMatch(/k = .*exact/);
    await press(page, '.lead-chart', 'Table');
    await page.waitForSelector('.lead-chart table');
    expect(await page.$$eval('.lead-chart tbody tr', (rows) => rows.length)).toBeGreaterThan(20);
    await page.close();
  });
});

describe('logs and results as they come', () => {
  test("a trainer's log is judged where it is dropped, and what it asks can be answered", async () => {
    const page = await visit(browser);
    const rows = [0, 1, 2, 3, 4].flatMap((c) =>
      [0, 1, 2, 3].map((i) => ({
        prompt: `p${c}`,
        accuracy_reward: i < c ? 1 : 0,
        format_reward: i % 2,
        advantage: (i < c ? 1 : 0) - c / 4,
      })),
    );
    const log = rows.map((row) => JSON.stringify(row)).join('\n');
    await give(page, 'log.jsonl', log);
    await page.waitForSelector('.notice.wrong');
    expect(await text(page, '.notice.wrong')).toContain('--columns reward=accuracy_reward');
    await give(page, 'log.jsonl', log.replaceAll(/"format_reward":\d,/g, ''));
    await page.waitForSelector('#identify .verdict');
    expect(await text(page, '#identify .verdict')).toMatch(
      /^log.jsonl, n = 4: it is dr-grpo: 0.75 times the gradient of pass@1\..* Read as: a group is one prompt: 5 of 4\.$/,
    );
    const fill = (selector: string, content: string): Promise<void> =>
      page.$eval(
        selector,
        (field, words) => {
          (field as HTMLInputElement).value = words;
          field.dispatchEvent(new Event('input', { bubbles: true }));
        },
        content,
      );
    await fill('#identify textarea', log);
    await fill('#identify label > input', '--columns reward=accuracy_reward');
    await press(page, '#identify', 'Judge');
    await page.waitForFunction(() =>
      document.querySelector('#identify .verdict')?.textContent.includes('pasted'),
    );
    expect(await text(page, '#identify .verdict')).toContain('it is dr-grpo');
    await page.close();
  });

  test('what could be wrong in silence is one question, answered in the settings', async () => {
    const page = await visit(browser);
    const rows = ['strict', 'loose'].flatMap((filter) =>
      [0, 1].map((p) => ({ problem: p, filter, correct: p === 1 || filter === 'loose' })),
    );
    await give(page, 'filters.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'), '#files');
    await page.waitForSelector('#diagnose-status.error');
    expect(await text(page, '#diagnose-status')).toContain('Only rows where filter=strict');
    await page.waitForSelector('#diagnose-where');
    await page.type('#diagnose-where', 'filter=strict');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#diagnosis');
    expect(await text(page, '#diagnosis')).toContain('1 of 2 problems solved at least once in 1 sample');
    await page.close();
  });
});

describe('diagnose', () => {
  const csv = ['problem;n;correct;model'];
  for (let i = 0; i < 40; i += 1) {
    csv.push(`p${i};32;${Math.floor(i / 2)};before`, `p${i};32;${i > 15 ? 32 : 0};after`);
  }
  const drawn = async (page: Page): Promise<void> => {
    await page.waitForSelector('#diagnosis figure');
    for (let i = 0; i < 4; i += 1) {
      await page.$$eval('#diagnosis figure', (figures, index) => figures[index].scrollIntoView(), i);
      await page.waitForFunction(
        (index) => document.querySelectorAll('#diagnosis figure')[index].querySelector('svg'),
        {},
        i,
      );
    }
  };

  test.each([
    { width: 1280, scheme: 'light' },
    { width: 360, scheme: 'dark' },
  ] as const)(
    'at $width px, $scheme: a spreadsheet export becomes findings, charts and a saved chart',
    async (look) => {
      const page = await visit(browser, '', look);
      await give(page, 'export.csv', csv.join('\r\n'));
      await drawn(page);
      expect(await text(page, '#diagnosis li')).toContain('after leads at k = 1');
      expect(await text(page, '#diagnosis li')).toContain('before overtakes at k =');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(look.width);
      expect(await faults(page)).toEqual([]);
      await press(page, '#diagnosis figure', 'SVG');
      await page.waitForFunction(() => window.saved.length === 1);
      const [{ text: svg }] = await page.evaluate(() => window.saved);
      for (const words of ['Pass@k of before, after', 'before</text>', 'after</text>'])
        expect(svg).toContain(words);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test('says in one line what is wrong with a file or a setting, and goes on with the next', async () => {
    const page = await visit(browser);
    await give(page, 'bad.csv', 'problem,n,correct\na,8,9\n');
    await page.waitForSelector('#diagnose-status.error');
    expect(await text(page, '#diagnose-status')).toContain('line 2: expected correct, an integer in 0..8');
    await give(page, 'export.csv', csv.join('\n'));
    await drawn(page);
    await page.evaluate(() => {
      [...document.querySelectorAll<HTMLElement>('#diagnose > .fold > summary')].at(-1)?.click();
    });
    await page.waitForSelector('#diagnose-k');
    await page.type('#diagnose-k', '99');
    await page.keyboard.press('Tab');
    await page.waitForSelector('#diagnose-status.error');
    expect(await text(page, '#diagnose-status')).toContain(
      'no unbiased estimator of pass@k exists for k > n',
    );
    await page.close();
  });

  test('the example needs no file, and a file may be dropped anywhere', async () => {
    const page = await visit(browser);
    await page.click('#example');
    await drawn(page);
    await page.evaluate((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], 'dropped.csv'));
      document
        .querySelector('h1')!
        .dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, csv.join('\n'));
    await page.waitForFunction(() =>
      document.querySelector('#diagnosis .quiet')?.textContent.includes('dropped.csv'),
    );
    await page.close();
  });
});
