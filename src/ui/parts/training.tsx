/** Training: three charts that share their objectives. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { crossoverChart } from '../../experiments/crossover/figures.ts';
import { objectivesChart, usualObjectives } from '../../experiments/objectives/figures.ts';
import type { LineChart } from '../../view/section.ts';
import { ChartFigure } from '../chart/figure.tsx';
import { looksOf } from '../chart/looks.ts';
import { param, setParams } from '../state/address.ts';
import { overlaid, shown } from '../state/board.ts';
import { live } from '../state/run.ts';

const HEIGHT = 260;
const TITLES = ['pass@1 along training', 'Modes kept', 'Before and after, against k'];

export function Training(): JSX.Element {
  const { objectives, crossover } = shown.value;
  return (
    <section id="training" aria-labelledby="training-title">
      <h2 id="training-title">Training</h2>
      <p class="lede">
        What each objective does to a policy: medians over replicas; bands hold the middle 80 %.
      </p>
      {live.value && <LiveCurves />}
      {objectives && crossover ? (
        <Charts objectives={objectives} crossover={crossover} />
      ) : (
        <p class="quiet">
          These charts need the experiments objectives and crossover; the run shown has not both.
        </p>
      )}
    </section>
  );
}

function LiveCurves(): JSX.Element | null {
  const now = live.value;
  const chart = useMemo(
    (): LineChart | null =>
      now && {
        kind: 'chart',
        name: now.title,
        x: { label: now.x, type: now.x === 'k' ? 'log' : 'linear' },
        y: { label: now.y, type: 'linear' },
        series: now.series.slice(-8).map(({ name, points }) => ({
          name,
          lineIs: 'median of replicas' as const,
          line: points,
          points: [],
        })),
      },
    [now],
  );
  return (
    chart && (
      <ChartFigure
        id="live"
        chart={chart}
        height={HEIGHT}
        caption={<p class="chart-title">Now: {chart.name}</p>}
      />
    )
  );
}

type Shown = typeof shown.value;

function Charts({
  objectives,
  crossover,
}: {
  readonly objectives: NonNullable<Shown['objectives']>;
  readonly crossover: NonNullable<Shown['crossover']>;
}): JSX.Element {
  const names = objectives.workloads.at(0)?.curves.map(({ objective }) => objective) ?? [];
  const given = param('training.objectives');
  const usual = useMemo(() => usualObjectives(objectives).slice(0, 4), [objectives]);
  const asked = given === null ? usual : given.split('|').filter((name) => names.includes(name));
  const key = asked.join('|');
  const workloads = objectives.workloads.map(({ id }) => id);
  const prompts = [...new Set(crossover.curves.map(({ workload }) => workload))];
  const pick = (name: string, options: readonly string[]): string => {
    const value = param(`training.${name}`);
    return value !== null && options.includes(value) ? value : options[0];
  };
  const workload = pick('policy', workloads);
  const prompt = pick('prompts', prompts);
  const flip = (name: string): void => {
    const next = names.filter((other) => (other === name ? !asked.includes(name) : asked.includes(other)));
    setParams({ 'training.objectives': next.join('|') === usual.join('|') ? null : next.join('|') });
  };
  const other = overlaid.value?.run.digest.shown;
  const charts = useMemo(() => {
    const drawn = (from: Shown): readonly (LineChart | null)[] => [
      from.objectives ? objectivesChart(from.objectives, workload, 'passAt1', asked) : null,
      from.objectives ? objectivesChart(from.objectives, workload, 'modes', asked) : null,
      from.crossover ? crossoverChart(from.crossover, prompt, asked) : null,
    ];
    const own = drawn({ objectives, crossover });
    const over = other ? drawn(other) : [];
    return TITLES.flatMap((title, i) => {
      const chart = own[i];
      return chart ? [{ title, chart, overlay: over.at(i) ?? null }] : [];
    });
  }, [objectives, crossover, other, workload, prompt, key]);
  const looks = looksOf(charts.at(0)?.chart.series ?? []);
  return (
    <>
      <div class="chips" role="group" aria-label="Objectives drawn">
        {names.map((name) => (
          <button
            key={name}
            type="button"
            class="choice"
            aria-pressed={asked.includes(name)}
            onClick={() => flip(name)}
          >
            <span aria-hidden="true" style={{ color: looks.get(name)?.colour ?? 'inherit' }}>
              {looks.get(name)?.glyph ?? '○'}
            </span>{' '}
            {name}
          </button>
        ))}
      </div>
      <div class="choosers">
        {(
          [
            ['policy', workloads, workload],
            ['prompts', prompts, prompt],
          ] as const
        ).map(([name, options, value]) => (
          <label key={name}>
            {name}{' '}
            <select
              value={value}
              onChange={({ currentTarget }) =>
                setParams({
                  [`training.${name}`]: currentTarget.value === options[0] ? null : currentTarget.value,
                })
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
      <div class="three">
        {charts.map(({ title, chart, overlay }, i) => (
          <ChartFigure
            key={title}
            id={`training-${i + 1}`}
            chart={chart}
            overlay={overlay}
            height={HEIGHT}
            caption={
              <>
                <p class="chart-title">{title}</p>
                <p class="quiet">{chart.name}</p>
              </>
            }
          />
        ))}
      </div>
    </>
  );
}
