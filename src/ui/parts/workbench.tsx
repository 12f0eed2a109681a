/** Estimators, a workbench: any of them, any quantity, against k, n or J1, exact at once, measured points where there are any. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { estimators } from '../../estimators/estimators.ts';
import {
  AXES,
  estimatorChart,
  QUANTITIES,
  valuesAt,
  type Against,
  type Asked,
  type Quantity,
  type VarianceShown,
} from '../../experiments/variance/workbench.ts';
import { formatNumber, formatProb } from '../../view/format.ts';
import { table, type LineChart, type Table } from '../../view/section.ts';
import { ChartFigure } from '../chart/figure.tsx';
import { looksOf } from '../chart/looks.ts';
import { setParams } from '../state/address.ts';
import { overlaid, shown } from '../state/board.ts';
import { asked, choose, dragged, families, isOn, LEAST, PROBS, sizes, toggle } from '../state/workbench.ts';
import { OwnEstimator } from './ownEstimator.tsx';
import { TableView } from './table.tsx';
import { Words } from './words.tsx';

const NO_CELLS = { cells: [] };
const UNBIASED = estimators.filter(({ objective }) => objective.estimates !== 'other').map(({ id }) => id);

const QUANTITY_WORDS: Readonly<Record<Quantity, string>> = {
  ...{ variance: 'variance', SNR: 'SNR', samples: 'samples', alpha: 'α_eff', bias: 'bias' },
  ...{ silence: 'silence', weights: 'weights' },
};

export function Workbench(): JSX.Element {
  const now = asked.value;
  const measured = shown.value.variance ?? NO_CELLS;
  const other = overlaid.value?.run.digest.shown.variance;
  const chart = useMemo(() => estimatorChart(now, measured), [now, measured]);
  const over = useMemo(() => (other ? estimatorChart(now, other) : null), [now, other]);
  const marker = { k: now.k, n: now.n, J1: now.successProb }[now.against];
  return (
    <section id="estimators" aria-labelledby="estimators-title">
      <h2 id="estimators-title">Estimators</h2>
      <p class="lede">
        {estimators.length} ways to estimate a gradient from a group of n tries of which c are right, exact at
        once: drag, and the curves follow.
      </p>
      <Chips chart={chart} />
      <Tray />
      <div class="workbench">
        <ChartFigure
          id="bench"
          chart={chart}
          overlay={over}
          height={320}
          marker={now.quantity === 'weights' ? null : marker}
        />
        <div class="at-marker">
          <TableView table={markerTable(chart, now.quantity === 'weights' ? null : marker, now)} />
          <p class="quiet">
            Curves are exact for the policy chosen. Points are those of the run shown, on{' '}
            {families.value[0].id}: {measuredWords(measured)}.
          </p>
        </div>
      </div>
      <OwnEstimator />
    </section>
  );
}

function Chips({ chart }: { readonly chart: LineChart }): JSX.Element {
  const looks = looksOf(chart.series);
  const chip = (id: string, title: string): JSX.Element => {
    const on = isOn(id);
    const look = looks.get(id);
    return (
      <button
        key={id}
        type="button"
        class="choice"
        aria-pressed={on}
        title={title}
        onClick={() => toggle(id)}
      >
        <span aria-hidden="true" style={{ color: on && look ? look.colour : 'inherit' }}>
          {on ? (look?.glyph ?? '●') : '○'}
        </span>{' '}
        {id}
      </button>
    );
  };
  return (
    <div class="chips" role="group" aria-label="Estimators drawn">
      {estimators.map(({ id, title }) => chip(id, title))}
      {chip(
        LEAST,
        'the least variance of any unbiased estimator of pass@k (oracle-minimum): a bound, for it knows the policy',
      )}
      <span class="chip-actions">
        <button type="button" class="link" onClick={() => choose([...estimators.map(({ id }) => id), LEAST])}>
          all
        </button>
        <button type="button" class="link" onClick={() => choose([])}>
          none
        </button>
        <button
          type="button"
          class="link"
          title="unbiased for the gradient of pass@k, or of pass@1"
          onClick={() => choose(UNBIASED)}
        >
          unbiased
        </button>
      </span>
    </div>
  );
}

function Slider({
  name,
  label,
  value,
  text,
  low,
  high,
  onDrag,
  onDrop,
}: {
  readonly name: string;
  readonly label: JSX.Element;
  readonly value: number;
  readonly text: string;
  readonly low: number;
  readonly high: number;
  readonly onDrag: (value: number) => void;
  readonly onDrop: (value: number) => void;
}): JSX.Element {
  return (
    <label class="slider">
      <span>
        <span>{label}</span> <output>{text}</output>
      </span>
      <input
        type="range"
        name={name}
        min={low}
        max={high}
        step={1}
        value={value}
        aria-valuetext={text}
        onInput={({ currentTarget }) => onDrag(currentTarget.valueAsNumber)}
        onChange={({ currentTarget }) => onDrop(currentTarget.valueAsNumber)}
      />
    </label>
  );
}

function Tray(): JSX.Element {
  const now = asked.value;
  const probs = now.family.probs === 'any' ? PROBS : now.family.probs;
  const place = probs.reduce(
    (best, p, i) => (Math.abs(p - now.successProb) < Math.abs(probs[best] - now.successProb) ? i : best),
    0,
  );
  const drag = (name: 'J1' | 'n' | 'k', value: number): void => {
    dragged.value = { ...dragged.value, [name]: value };
  };
  /** Let go: now it stands in the address, and is no longer being dragged. */
  const drop = (name: 'J1' | 'n' | 'k', value: number): void => {
    setParams({ [`bench.${name}`]: String(value) });
    const { [name]: _done, ...rest } = dragged.value;
    dragged.value = rest;
  };
  return (
    <div class="tray">
      <Slider
        name="J1"
        label={
          <>
            <Words>J1</Words>, one try is right
          </>
        }
        value={place}
        text={formatProb(probs[place])}
        low={0}
        high={probs.length - 1}
        onDrag={(i) => drag('J1', probs[i])}
        onDrop={(i) => drop('J1', probs[i])}
      />
      <Slider
        name="n"
        label={<>n, tries of a group</>}
        value={sizes.value.indexOf(now.n)}
        text={String(now.n)}
        low={0}
        high={sizes.value.length - 1}
        onDrag={(i) => drag('n', sizes.value[i])}
        onDrop={(i) => drop('n', sizes.value[i])}
      />
      <Slider
        name="k"
        label={<>k, of pass@k</>}
        value={now.k}
        text={String(now.k)}
        low={1}
        high={now.n}
        onDrag={(k) => drag('k', k)}
        onDrop={(k) => drop('k', k)}
      />
      <Segment
        label="draw"
        options={QUANTITIES}
        words={QUANTITY_WORDS}
        value={now.quantity}
        onChoose={(name) => setParams({ 'bench.draw': name === 'variance' ? null : name })}
      />
      <Segment<Against>
        label="against"
        options={now.quantity === 'weights' ? [] : AXES}
        words={{ k: 'k', n: 'n', J1: 'J1' }}
        value={now.against}
        onChoose={(name) => setParams({ 'bench.against': name === 'k' ? null : name })}
      />
      <label class="policy">
        policy{' '}
        <select
          value={now.family.id}
          onChange={({ currentTarget: { value } }) =>
            setParams({ 'bench.policy': value === families.value[0].id ? null : value })
          }
        >
          {families.value.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Segment<Name extends string>({
  label,
  options,
  words,
  value,
  onChoose,
}: {
  readonly label: string;
  readonly options: readonly Name[];
  readonly words: Readonly<Record<Name, string>>;
  readonly value: Name;
  readonly onChoose: (name: Name) => void;
}): JSX.Element {
  return (
    <div class="segmented">
      <span>{label}</span>
      <div class="segment" role="group" aria-label={label}>
        {options.map((name) => (
          <button key={name} type="button" aria-pressed={value === name} onClick={() => onChoose(name)}>
            <Words>{words[name]}</Words>
          </button>
        ))}
      </div>
    </div>
  );
}

/** Where there are points: "n = 4, 8, 16 and J1 = 0.1, 0.5, 0.9" */
function measuredWords({ cells }: VarianceShown): string {
  if (cells.length === 0) return 'it has none';
  const list = (values: readonly number[]): string =>
    [...new Set(values)]
      .sort((a, b) => a - b)
      .map(formatProbOrCount)
      .join(', ');
  return `n = ${list(cells.map(({ groupSize }) => groupSize))} and J₁ = ${list(cells.map(({ successProb }) => successProb))}`;
}
const formatProbOrCount = (value: number): string => (value < 1 ? formatProb(value) : String(value));

/** What a row of the catalogue estimates, in a word. */
function aimWords(id: string): string {
  const aim = estimators.find((estimator) => estimator.id === id)?.objective.estimates;
  return aim === undefined ? '' : aim === 'other' ? 'neither' : `of ${aim}`;
}

/** What each series has at the marker: exact, and measured where there is a point. */
function markerTable(chart: LineChart, marker: number | null, now: Asked): Table {
  if (marker === null) {
    return table(
      'Weights at each c',
      ['', 'first', 'last'],
      chart.series.map(({ name, dash, line }) => [
        `${name}, ${dash ? 'wrong' : 'right'}`,
        formatNumber(line.at(0)?.y ?? null),
        formatNumber(line.at(-1)?.y ?? null),
      ]),
    );
  }
  const isNear = (x: number): boolean => Math.abs(x - marker) < 1e-6;
  const values = valuesAt(now);
  const hasLeast = values.some(({ least }) => least !== null);
  return table(
    `At ${now.against} = ${now.against === 'J1' ? formatProb(marker) : marker}`,
    ['estimator', 'exact', 'measured / exact', ...(hasLeast ? ['× least'] : [])],
    values.map(({ name, exact, least }) => {
      const point = chart.series.find((series) => series.name === name)?.points.find(({ x }) => isNear(x));
      return [
        { text: name, note: aimWords(name) },
        exact === null ? 'not defined' : formatNumber(exact),
        point?.exact ? formatNumber(point.y / point.exact) : '–',
        ...(hasLeast
          ? [exact === null || least === null ? '–' : formatNumber(Number((exact / least).toPrecision(3)))]
          : []),
      ];
    }),
  );
}
