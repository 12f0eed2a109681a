/** Tokens per second of each engine, at each level, for each shape. */
import { formatCount, formatDuration, formatNumber } from '../../view/format.ts';
import { table, type Cell, type Part, type Section, type Table } from '../../view/section.ts';
import type { Interval } from '../../math/stats/repetitions.ts';
import { rooflineChart, scalingCharts } from './figures.ts';
import { RESOURCE_WORDS } from './roofline.ts';
import { rowsOf, type OmittedShape, type ThroughputResult, type ThroughputRow } from './result.ts';
import { BASE, BASE_NAME, shapeText } from './shapes.ts';

/** "412 M (397 M – 430 M)" */
const intervalText = ({ median, low, high }: Interval): string =>
  `${formatCount(median)} (${formatCount(low)} – ${formatCount(high)})`;

const rateText = ({ tokensPerSecond }: Pick<ThroughputRow, 'tokensPerSecond'>): string =>
  tokensPerSecond === null ? 'timer too coarse' : intervalText(tokensPerSecond);

const intervalCell = ({ median, low, high }: Interval): Cell => ({
  text: formatCount(median),
  note: `${formatCount(low)} – ${formatCount(high)}`,
});

const percent = (share: number): string => `${share > 0 ? '+' : ''}${formatNumber(100 * share)} %`;

/** What a reader must know before believing a row; empty where nothing is. */
export function caveats({ repetitions, outliers, drift }: ThroughputRow): string {
  return [
    ...(outliers > 0 ? [`${outliers} of ${repetitions} far from the others`] : []),
    ...(drift === null ? [] : [`durations drift by ${percent(drift)}`]),
  ].join('; ');
}

export function throughputView(result: ThroughputResult): Section {
  const rows = rowsOf(result);
  const omitted = (result as Partial<ThroughputResult>).omitted ?? [];
  const parts: Part[] = [
    'Whole jobs as a caller sees them, tables, upload and readback included: medians of interleaved repetitions, with bootstrap intervals of 95 %.',
    rateTable(rows),
    ...scalingParts(rows),
    ...rooflineParts(result),
    { kind: 'fold', title: 'Where the time goes', parts: [partTable(rows)] },
    ...(omitted.length > 0 ? [omittedTable(omitted)] : []),
  ];
  return { title: 'How fast does this machine sample?', parts };
}

/** How it scales; nothing where a preset times the base alone. */
function scalingParts(rows: readonly ThroughputRow[]): Part[] {
  const charts = scalingCharts(rows);
  return charts.length === 0
    ? []
    : [`How that scales: one number of the base changed at a time, else ${shapeText(BASE)}.`, ...charts];
}

function rateTable(rows: readonly ThroughputRow[]): Table {
  return table(
    'Throughput',
    ['shape', 'engine', 'tally level', 'tokens per second', 'per CPU-second', 'repetitions', 'caution'],
    rows.map((row): Cell[] => [
      { text: row.name, note: shapeText(row.shape) },
      { text: row.engine, note: row.adapter },
      { text: row.level, ...(row.kernel === null ? {} : { note: row.kernel }) },
      row.tokensPerSecond === null ? 'timer too coarse' : intervalCell(row.tokensPerSecond),
      row.tokensPerCpuSecond === null ? 'not known' : intervalCell(row.tokensPerCpuSecond),
      String(row.repetitions),
      caveats(row),
    ]),
  );
}

function partTable(rows: readonly ThroughputRow[]): Table {
  const ms = (durationMs: number | null | undefined): string =>
    durationMs === null || durationMs === undefined ? '–' : formatDuration(durationMs);
  return table(
    'Parts of a job: the first of all with its compilation, then medians of the repetitions',
    [
      'shape',
      'engine',
      'level',
      'first job',
      'compile',
      'whatever its size',
      'upload',
      'first run',
      'steady',
      'readback',
      'on the GPU',
    ],
    rows.map(({ name, engine, level, firstMs, compileMs, fixedMs, parts, gpuMs }) => [
      name,
      engine,
      level,
      ms(firstMs),
      parts === null ? '–' : ms(compileMs),
      ms(fixedMs),
      ms(parts?.uploadMs),
      ms(parts?.firstRunMs),
      ms(parts?.steadyMs),
      ms(parts?.readbackMs),
      ms(gpuMs),
    ]),
  );
}

/** How near kernels come to what their adapter can do; none in reports of before it was asked. */
function rooflineParts({ roofline = [], ceilings = [] }: Partial<ThroughputResult>): Part[] {
  if (roofline.length === 0) return [];
  return [
    'What bounds a kernel. The roof is the most that small kernels did on the same adapter of integer operations alone (level) and of differing loads alone (slope); a point is a kernel, by what its text counts. Kernels with next to no load stand at the right end.',
    rooflineChart(roofline, ceilings),
    table(
      'Roofline: what would take a kernel longest, were nothing else to do, and the share of its time that this is',
      ['shape', 'level', 'kernel', 'bound by', 'share', 'operations a token', 'loads', 'atomics'],
      roofline.map(({ name, level, kernel, bound, fraction, perToken }) => [
        name,
        level,
        kernel,
        RESOURCE_WORDS[bound],
        `${formatNumber(100 * fraction)} %`,
        formatNumber(perToken.operations),
        formatNumber(perToken.loads),
        formatNumber(perToken.atomics),
      ]),
    ),
    table(
      'The most of each that an adapter does in a second, by small kernels',
      ['adapter', ...Object.values(RESOURCE_WORDS)],
      ceilings.map((own) => [
        own.adapter,
        ...(Object.keys(RESOURCE_WORDS) as (keyof typeof RESOURCE_WORDS)[]).map((key) =>
          formatCount(own[key]),
        ),
      ]),
    ),
  ];
}

const omittedTable = (omitted: readonly OmittedShape[]): Table =>
  table(
    'Not timed',
    ['shape', 'engine', 'level', 'why'],
    omitted.map(({ name, engine, level, reason }) => [name, engine, level, reason]),
  );

export function throughputSummary(result: ThroughputResult): Section {
  const { description } = result;
  const rows = rowsOf(result);
  const base = rows.filter(({ name }) => name === BASE_NAME);
  const engines = [...new Set(base.map(({ engine }) => engine))];
  const others = new Set(rows.map(({ name }) => name)).size - 1;
  const drifting = rows.filter((row) => caveats(row) !== '').length;
  return {
    title: `Tokens per second by tally level${rows.length > 0 ? '' : ': cut short'}`,
    parts: [
      ...engines.map((engine) => {
        const own = base.filter((row) => row.engine === engine);
        const rates = own.map((row) => `${row.level} ${rateText(row)}`).join(', ');
        return `${engine} (${own[0].adapter}): ${rates}`;
      }),
      `(${description}; medians of ${base[0]?.repetitions ?? 0} whole jobs, 95 %; ${others > 0 ? `${others} more shapes in the report` : 'presets standard and full time other shapes, and the engine that checks'})`,
      ...(drifting > 0 ? [`${drifting} of ${rows.length} figures want caution: outliers or drift`] : []),
    ],
  };
}
