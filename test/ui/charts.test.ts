/** What charts say, without a browser: places, looks, texts, rows, and what a dropped file is taken for. */
import { expect, test } from 'vitest';
import { estimators } from '../../src/estimators/estimators.ts';
import { pointOf, type ChartSeries, type LineChart } from '../../src/view/section.ts';
import { looksOf } from '../../src/ui/chart/looks.ts';
import { csvOf } from '../../src/ui/chart/csv.ts';
import { chartTable, rowsOf } from '../../src/ui/chart/rows.ts';
import { placeAxis } from '../../src/ui/chart/scales.ts';
import { chartText, tickLabel } from '../../src/ui/chart/texts.ts';
import { kindOf } from '../../src/ui/state/fileKind.ts';

const line = (name: string): ChartSeries => ({ name, line: [{ x: 1, y: 1 }], points: [] });

test.each([
  ['alpha_k against J1', 'αₖ against J₁'],
  ['J_16 − J_1, grad J1', 'J₁₆ − J₁, ∇J₁'],
  ['J_k', 'Jₖ'],
])('writes %s in an svg as %s', (text, written) => {
  expect(chartText(text)).toBe(written);
});

test.each([
  ['1e-4', '10⁻⁴'],
  ['1−1e-9', '1−10⁻⁹'],
  ['3e+6', '3·10⁶'],
  ['-0.5', '−0.5'],
  ['16', '16'],
])('writes the tick %s as %s', (text, written) => {
  expect(tickLabel(text)).toBe(written);
});

test('an estimator looks alike in every chart, and nothing else looks like it', () => {
  const alone = looksOf([line('ordergrad')]).get('ordergrad');
  const among = looksOf([
    line('grpo + entropy bonus'),
    line('rloo'),
    line('ordergrad k=4'),
    line('least unbiased'),
  ]);
  expect(among.get('ordergrad k=4')).toEqual(alone);
  const looks = [
    ...looksOf([...estimators.map(({ id }) => line(id)), line('mine'), line('grpo + SimKO')]).values(),
  ];
  expect(new Set(looks.map(({ colour, glyph }) => `${colour} ${glyph}`)).size).toBe(looks.length);
  const few = [...looksOf(['a', 'b', 'c', 'rloo', 'd'].map(line)).values()];
  expect(new Set(few.map(({ colour }) => colour)).size).toBe(5);
});

test('a logarithmic axis shows its own range and nothing below it', () => {
  const axis = placeAxis({ label: '', type: 'log' }, 'y', [100, 0], [1e-16, 1e-3, 1]);
  // At most fourteen decades: from the top, where nothing says otherwise.
  expect([axis.isShown(1e-16), axis.isShown(1e-14), axis.isShown(1), axis.isShown(1.01)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect([axis.isShown(NaN), axis.isShown(-1), axis.isShown(0)]).toEqual([false, false, false]);
  const bottom = placeAxis({ label: '', type: 'log', keep: 'bottom' }, 'y', [100, 0], [1, 1e30]);
  expect([bottom.isShown(1), bottom.isShown(1e30)]).toEqual([true, false]);
});

const chart: LineChart = {
  kind: 'chart',
  name: 'c',
  x: { label: 'k', type: 'linear' },
  y: { label: 'y', type: 'linear' },
  series: [
    {
      name: 'measured',
      line: [{ x: 1, y: 2 }],
      points: [
        pointOf(1, { value: 2.1, low: 2, high: 2.2 }, 'decided', {
          title: 'k = 1',
          exact: 2,
          count: '64 groups',
        }),
        pointOf(2, { value: 9, low: -90, high: 90 }, 'open', { title: 'k = 2', isWide: true }),
      ],
    },
    {
      name: '=HYPERLINK("x")\nz',
      lineIs: 'median of replicas',
      line: [{ x: 1, y: 3 }],
      points: [],
      band: [{ x: 1, low: 2, high: 4 }],
    },
  ],
};

test('the table behind a chart has every point, those too wide to be drawn as well, and says what a line is', () => {
  expect(rowsOf(chart).map(({ x, exact, value, state }) => [x, exact, value, state])).toEqual([
    [1, 2, 2.1, 'decided'],
    [2, null, 9, 'undecided'],
    [1, null, 3, 'median of replicas'],
  ]);
  expect(chartTable(chart).head).toEqual(['series', 'k', 'value', 'from – to', 'exact', 'counted', 'state']);
});

test('a saved table holds no formula', () => {
  const [, ...rows] = csvOf(chart).split('\n');
  expect(rows.some((row) => row.startsWith('"\'=HYPERLINK'))).toBe(true);
  expect(rows.some((row) => row.startsWith('=') || row.startsWith('"='))).toBe(false);
});

test.each([
  ['{"format":"passk-report@1"', 'report'],
  ['{ "format" : "passk-problem@1"', 'problem'],
  ['[{"format":"passk-estimator@1"', 'estimator'],
  ['n,c,reward,advantage\n4,1,1,.75', 'estimator'],
  ['"n","c","Reward","advantage"\n', 'estimator'],
  ['problem,n,correct,weight\n', 'evaluation'],
  ['{"problem":"What are the weights of an elephant?","correct":1}', 'evaluation'],
  ['step;prompt;accuracy_reward;advantage\n', 'estimator'],
  ['{"prompt": "a", "step": 3, "accuracy_reward": 1, "advantage": 0.7}', 'estimator'],
  ['[{"uid": 1, "score": 1, "adv": 0.7}]', 'estimator'],
  ['{"problem":"what is an advantage?","correct":1}', 'evaluation'],
  ['', 'evaluation'],
])('takes a file that begins with %s for %s', (head, kind) => {
  expect(kindOf(head)).toBe(kind);
});
