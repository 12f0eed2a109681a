/** A chart in its figure: choosers and switched-off series in the address, key, export, the table behind it. */
import type { ComponentChildren, JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Choice, Chooser, LineChart } from '../../view/section.ts';
import { TableView } from '../parts/table.tsx';
import { param, setParams } from '../state/address.ts';
import { copy } from '../state/clipboard.ts';
import { notify } from '../state/notices.ts';
import { Chart } from './chart.tsx';
import { saveChart } from './exportChart.ts';
import { looksOf } from './looks.ts';
import { chartTable } from './rows.ts';

const HEIGHT = 300;

/** The address' choice, where it is one of the options. */
export function useChoice(id: string, choosers: readonly Chooser[]): Choice {
  return Object.fromEntries(
    choosers.map(({ label, options, first }) => {
      const asked = param(`${id}.${label}`);
      return [label, asked !== null && options.includes(asked) ? asked : first];
    }),
  );
}

export function Choosers({
  id,
  choosers,
  choice,
}: {
  readonly id: string;
  readonly choosers: readonly Chooser[];
  readonly choice: Choice;
}): JSX.Element {
  return (
    <div class="choosers">
      {choosers
        .filter(({ options }) => options.length > 1)
        .map(({ label, options, first }) => (
          <label key={label}>
            {label}{' '}
            <select
              value={choice[label]}
              onChange={({ currentTarget: { value } }) =>
                setParams({ [`${id}.${label}`]: value === first ? null : value })
              }
            >
              {options.map((option) => (
                <option key={option} value={option}>
                  {option}
                </option>
              ))}
            </select>
          </label>
        ))}
    </div>
  );
}

/** A name may hold the sign that parts names. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export function ChartTable({ chart }: { readonly chart: LineChart }): JSX.Element {
  const table = useMemo(() => chartTable(chart), [chart]);
  return <TableView table={table} />;
}

interface ChartFigureProps {
  /** as an anchor */
  readonly id: string;
  /** of its choices in the address, where charts share them */
  readonly address?: string;
  readonly chart: LineChart;
  readonly choosers?: readonly Chooser[];
  readonly choice?: Choice;
  readonly overlay?: LineChart | null;
  readonly marker?: number | null;
  readonly height?: number;
  readonly caption?: ComponentChildren;
}

export function ChartFigure({
  id,
  address = id,
  chart,
  choosers = [],
  choice = {},
  overlay = null,
  marker = null,
  height = HEIGHT,
  caption,
}: ChartFigureProps): JSX.Element {
  const svg = useRef<SVGSVGElement | null>(null);
  const [hasTable, setHasTable] = useState(false);
  const hide = param(`${address}.hide`);
  const hidden = useMemo(() => new Set(hide?.split('|').map(decoded) ?? []), [hide]);
  const looks = useMemo(() => looksOf(chart.series), [chart]);
  const names = [...looks.keys()];
  const onDrawn = useRef((drawn: SVGSVGElement | null) => {
    svg.current = drawn;
  }).current;
  const flip = (name: string): void => {
    const next = hidden.has(name) ? [...hidden].filter((other) => other !== name) : [...hidden, name];
    const kept = next.filter((other) => names.includes(other));
    setParams({ [`${address}.hide`]: kept.length === 0 ? null : kept.map(encodeURIComponent).join('|') });
  };
  const saveAs = (kind: 'svg' | 'png' | 'csv') => (): void => {
    if (!svg.current) return;
    saveChart(kind, svg.current, chart).catch((error: unknown) =>
      notify({
        ...{ id: 'save', kind: 'wrong', fact: `The chart could not be saved as ${kind.toUpperCase()}.` },
        consequence: error instanceof Error ? error.message : String(error),
      }),
    );
  };
  const frame = useRef<HTMLElement>(null);
  const copyLink = (): Promise<void> => {
    const url = new URL(location.href);
    // What is behind a fold is opened by the fold's own link.
    url.hash = frame.current?.closest('[id^=claim-]')?.id ?? `figure-${id}`;
    return copy('Link', url.href);
  };
  const isEmpty = chart.series.every(({ line, points }) => line.length === 0 && points.length === 0);
  const isMeasured = chart.series.some(({ points }) => points.some(({ low, high }) => low < high));
  // What has no interval was computed.
  const lines = new Set(
    chart.series.flatMap(({ line, lineIs }) => (line.length > 1 || !isMeasured ? [lineIs ?? 'exact'] : [])),
  );
  const states = new Set(
    chart.series.flatMap(({ points }) => (isMeasured ? points.map(({ state }) => state) : [])),
  );
  return (
    <figure id={`figure-${id}`} data-figure={id} ref={frame}>
      {caption}
      <Choosers id={address} choosers={choosers} choice={choice} />
      <Chart
        chart={chart}
        hidden={hidden}
        height={height}
        overlay={overlay}
        marker={marker}
        onDrawn={onDrawn}
      />
      {isEmpty && <p class="quiet">Nothing to draw with these choices.</p>}
      <div class="key">
        {names.map((name) => (
          <button
            key={name}
            type="button"
            class="key-entry"
            aria-pressed={!hidden.has(name)}
            onClick={() => flip(name)}
          >
            <span aria-hidden="true" class="glyph" style={{ color: looks.get(name)!.colour }}>
              {looks.get(name)!.glyph}
            </span>{' '}
            {name}
          </button>
        ))}
        <span class="states">
          {[...lines].map((words) => (
            <span key={words}>— {words}</span>
          ))}
          {chart.series.some(({ band }) => band) && <span>▒ middle 80 %</span>}
          {states.has('decided') && <span>● decided</span>}
          {states.has('given') && <span>◍ given the outcome</span>}
          {states.has('open') && <span>○ undecided</span>}
          {states.has('rejected') && <span>✗ disagrees</span>}
          {overlay && <span>□ laid over</span>}
        </span>
      </div>
      <div class="chart-actions">
        <button type="button" onClick={saveAs('svg')}>
          SVG
        </button>
        <button type="button" onClick={saveAs('png')}>
          PNG
        </button>
        <button type="button" onClick={saveAs('csv')}>
          CSV
        </button>
        <button type="button" onClick={() => void copyLink()}>
          Copy link
        </button>
        <button type="button" aria-expanded={hasTable} onClick={() => setHasTable(!hasTable)}>
          Table
        </button>
      </div>
      {hasTable && <ChartTable chart={chart} />}
    </figure>
  );
}
