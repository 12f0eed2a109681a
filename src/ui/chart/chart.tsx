/** A line chart (view/section.ts) as one svg: exact curves, measured points, names at the ends of lines, one tip. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LineChart } from '../../view/section.ts';
import { layOut, MARGIN, nearest, shortened, step } from './layout.ts';
import { looksOf } from './looks.ts';
import { Curve, Frame, Overlaid } from './marks.tsx';
import { chartText } from './texts.ts';

const LEAST_WIDTH = 240;
export interface ChartProps {
  readonly chart: LineChart;
  /** names that are switched off */
  readonly hidden: ReadonlySet<string>;
  readonly height: number;
  /** drawn over it, as hollow squares */
  readonly overlay: LineChart | null;
  /** an x that is marked; null for none */
  readonly marker: number | null;
  readonly onDrawn: (svg: SVGSVGElement | null) => void;
}

/** A chart is drawn once it is about to be seen: so far from the window it is not. */
const NEAR = '300px';

/** The width of what an element stands in; 0 until it is near the window, or is to be printed. */
function useWidth(): [{ readonly current: HTMLDivElement | null }, number] {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const measure = (): void => setWidth(Math.floor(element.clientWidth));
    const sizes = new ResizeObserver(measure);
    const begin = (): void => {
      measure();
      sizes.observe(element);
    };
    const sight = new IntersectionObserver(
      ([entry]) => {
        if (!entry.isIntersecting) return;
        sight.disconnect();
        begin();
      },
      { rootMargin: NEAR },
    );
    sight.observe(element);
    window.addEventListener('beforeprint', begin);
    return () => {
      sight.disconnect();
      sizes.disconnect();
      window.removeEventListener('beforeprint', begin);
    };
  }, []);
  return [place, width];
}

export function Chart({ chart, hidden, height, overlay, marker, onDrawn }: ChartProps): JSX.Element {
  const [place, width] = useWidth();
  const [active, setActive] = useState<number | null>(null);
  const svg = useRef<SVGSVGElement>(null);
  useEffect(() => {
    onDrawn(svg.current);
  }, [onDrawn, width]);
  useEffect(() => {
    setActive(null);
  }, [chart]);
  const looks = useMemo(() => looksOf(chart.series), [chart]);
  const drawn = useMemo(
    () => (width === 0 ? null : layOut(chart, hidden, Math.max(LEAST_WIDTH, width), height)),
    [chart, hidden, width, height],
  );
  const target = active === null ? undefined : drawn?.targets.at(active);
  const move = (event: KeyboardEvent): void => {
    if (!drawn) return;
    const next = step(drawn.targets, active, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
  };
  const point = (event: MouseEvent): void => {
    if (!drawn || !svg.current) return;
    const box = svg.current.getBoundingClientRect();
    setActive(nearest(drawn.targets, event.clientX - box.left, event.clientY - box.top));
  };
  return (
    <div class="chart" ref={place} style={{ height: `${height}px` }}>
      {drawn && (
        <svg
          ref={svg}
          role="img"
          aria-label={chartText(chart.name)}
          tabIndex={0}
          width={drawn.width}
          height={height}
          viewBox={`0 0 ${drawn.width} ${height}`}
          onKeyDown={move}
          onMouseMove={point}
          onClick={point}
          onMouseLeave={() => setActive(null)}
          onBlur={() => setActive(null)}
        >
          <Frame chart={chart} drawn={drawn} height={height} />
          {marker !== null && drawn.x.isShown(marker) && (
            <line
              data-screen
              x1={drawn.x.place(marker)}
              x2={drawn.x.place(marker)}
              y1={MARGIN.top}
              y2={drawn.bottom}
              stroke="var(--line-2)"
              stroke-dasharray="2 3"
            />
          )}
          {chart.series.map((series, i) =>
            hidden.has(series.name) ? null : (
              <Curve key={`${series.name} ${i}`} series={series} look={looks.get(series.name)!} {...drawn} />
            ),
          )}
          {overlay?.series.map((series, i) =>
            hidden.has(series.name) ? null : (
              <Overlaid key={i} series={series} look={looks.get(series.name)} {...drawn} />
            ),
          )}
          {drawn.labels.map(({ name, x, y }) => (
            <text
              key={name}
              x={x}
              y={y}
              dy=".32em"
              font-size="12"
              fill={looks.get(name)!.colour}
              stroke="var(--bg)"
              stroke-width="3"
              paint-order="stroke"
            >
              {shortened(name, drawn.width - drawn.right - 8)}
            </text>
          ))}
          {target && (
            <circle
              data-screen
              cx={target.at[0]}
              cy={target.at[1]}
              r="7"
              fill="none"
              stroke="var(--ink)"
              stroke-width="1.5"
            />
          )}
        </svg>
      )}
      {target && drawn && (
        <div
          class="tip"
          style={{
            left: `${Math.min(Math.max(0, target.at[0] - 90), Math.max(0, drawn.width - 210))}px`,
            ...(target.at[1] > height / 2
              ? { bottom: `${height - target.at[1] + 12}px` }
              : { top: `${target.at[1] + 12}px` }),
          }}
        >
          {target.words.map((words, i) => (
            <span key={i}>{words}</span>
          ))}
        </div>
      )}
      <span class="hidden" aria-live="polite">
        {target?.words.join(', ')}
      </span>
    </div>
  );
}
