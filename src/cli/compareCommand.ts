/**
 * `compare`: two reports of one configuration. Tallies must be equal to the last bit, verdicts must not get worse;
 * throughput is shown as a ratio where both ran on the same machine, and not judged: one figure has no spread.
 */
import * as v from 'valibot';
import { REPORT_FORMAT } from '../lab/suite/report.ts';
import { formatNumber } from '../view/format.ts';
import { canonicalJson } from '../input/canonical.ts';
import { InputError, printable } from '../input/inputError.ts';
import { check } from '../input/schema.ts';

const family = v.looseObject({ family: v.string(), rejected: v.number() });
/** What every experiment that samples or trains has. */
const sampled = v.optional(
  v.looseObject({
    // Training has none: float32 rounds differently from one adapter to the next.
    tallies: v.optional(v.array(v.looseObject({ place: v.string(), sha256: v.string() })), []),
    families: v.array(family),
    snapshots: v.optional(v.array(v.looseObject({ place: v.string(), sha256: v.string() })), []),
    controls: v.optional(v.array(v.looseObject({ id: v.string(), flagged: v.boolean() })), []),
  }),
);

/** The experiments beside `relation` that sample or train. */
const SAMPLED = [
  'figure1',
  'signal',
  'variance',
  'aggregate',
  'temperature',
  'updates',
  'collapse',
  'objectives',
  'crossover',
] as const;

/** The parts of a report that a comparison reads. */
const schema = v.looseObject({
  format: v.literal(REPORT_FORMAT),
  outcome: v.picklist(['agrees', 'disagrees', 'incomplete']),
  config: v.record(v.string(), v.unknown()),
  versions: v.record(v.string(), v.string()),
  environment: v.looseObject({ runtime: v.string(), adapter: v.string(), software: v.nullable(v.boolean()) }),
  relation: v.optional(
    v.looseObject({
      problems: v.array(
        v.looseObject({
          id: v.string(),
          prompts: v.array(
            v.looseObject({
              id: v.string(),
              tallySha256: v.string(),
              slopes: v.array(
                v.looseObject({ estimator: v.string(), k: v.nullable(v.number()), verdict: v.string() }),
              ),
            }),
          ),
        }),
      ),
      controls: v.array(v.looseObject({ id: v.string(), flagged: v.boolean() })),
    }),
  ),
  figure1: sampled,
  signal: sampled,
  variance: sampled,
  aggregate: sampled,
  temperature: sampled,
  updates: sampled,
  collapse: sampled,
  objectives: sampled,
  crossover: sampled,
  throughput: v.optional(
    v.looseObject({ rows: v.array(v.looseObject({ level: v.string(), tokensPerSecond: v.number() })) }),
  ),
});

type ComparedReport = v.InferOutput<typeof schema>;

export interface Comparison {
  readonly talliesCompared: number;
  /** training jobs whose snapshots were held against each other: on one machine only, for float32 rounds as it may elsewhere */
  readonly snapshotsCompared: number;
  /** places where B is worse than A, as sentences */
  readonly regressions: readonly string[];
  /** B's tokens per second over A's by level; null where the machines differ */
  readonly throughputRatio: Readonly<Record<string, number>> | null;
  readonly notes: readonly string[];
}

/** @throws InputError unless data is a report */
export function readReport(data: unknown, name: string): ComparedReport {
  return check(schema, data, name);
}

/** @throws InputError where the two cannot be compared, with the reason */
export function compareReports(
  a: ComparedReport,
  b: ComparedReport,
  nameA: string,
  nameB: string,
): Comparison {
  for (const [report, name] of [
    [a, nameA],
    [b, nameB],
  ] as const) {
    if (report.outcome === 'incomplete') {
      throw new InputError(
        `${name}: outcome`,
        'a run that was not cut short',
        'incomplete',
        'run it to its end',
      );
    }
  }
  for (const key of new Set([...Object.keys(a.config), ...Object.keys(b.config)])) {
    const [left, right] = [a.config[key] ?? null, b.config[key] ?? null].map(canonicalJson);
    if (left !== right) {
      throw new InputError(
        `${nameB}: config.${printable(key, 40)}`,
        `${left}, as in ${nameA}`,
        right,
        'compare runs of one configuration',
      );
    }
  }
  const experiments = ['relation', ...SAMPLED] as const;
  if (experiments.some((name) => (a[name] === undefined) !== (b[name] === undefined))) {
    throw new InputError(
      nameB,
      `the experiments of ${nameA}`,
      'others',
      'compare runs of the same experiments',
    );
  }
  const before = tallies(a);
  const after = tallies(b);
  const regressions: string[] = [];
  for (const [place, { hash, disagreeing }] of after) {
    const known = before.get(place);
    if (!known) regressions.push(`${place}: not in ${nameA}`);
    else if (known.hash !== hash)
      regressions.push(`${place}: the tallies differ, and may not by a single count`);
    for (const slope of disagreeing) {
      if (known && !known.disagreeing.includes(slope))
        regressions.push(`${place} ${slope}: disagrees, and did not before`);
    }
  }
  const controlsOf = ({ relation, updates }: ComparedReport): { id: string; flagged: boolean }[] => [
    ...(relation?.controls ?? []),
    ...(updates?.controls ?? []),
  ];
  for (const { id, flagged } of controlsOf(b)) {
    const seenBefore = controlsOf(a).some((control) => control.id === id && control.flagged);
    if (seenBefore && !flagged) regressions.push(`deliberate mistake ${id}: no longer seen`);
  }
  for (const name of SAMPLED) {
    const known = new Map(a[name]?.families.map(({ family: id, rejected }) => [id, rejected]));
    for (const { family: id, rejected } of b[name]?.families ?? []) {
      if (rejected > (known.get(id) ?? 0)) regressions.push(`${name}: ${rejected} checks of ${id} rejected`);
    }
  }
  const machines = [a, b].map(machine);
  const sameMachine = machines[0] === machines[1];
  let snapshotsCompared = 0;
  for (const name of sameMachine ? SAMPLED : []) {
    const known = new Map(a[name]?.snapshots.map(({ place, sha256 }) => [place, sha256]));
    for (const { place, sha256 } of b[name]?.snapshots ?? []) {
      snapshotsCompared += 1;
      if (known.get(place) !== sha256)
        regressions.push(`${name} ${place}: the snapshots differ, and may not on one machine`);
    }
  }
  return {
    talliesCompared: after.size,
    snapshotsCompared,
    regressions: regressions.map((sentence) => printable(sentence, 200)),
    throughputRatio: sameMachine ? ratios(a, b) : null,
    notes: sameMachine ? [] : [printable(`throughput not compared: ${machines.join(' against ')}`, 300)],
  };
}

function tallies(report: ComparedReport): Map<string, { hash: string; disagreeing: string[] }> {
  const found = new Map<string, { hash: string; disagreeing: string[] }>();
  for (const problem of report.relation?.problems ?? []) {
    for (const prompt of problem.prompts) {
      const disagreeing = prompt.slopes
        .filter(({ verdict }) => verdict === 'disagree')
        .map(({ estimator, k }) => (k === null ? estimator : `${estimator} k = ${k}`));
      found.set(`${problem.id} ${prompt.id}`, { hash: prompt.tallySha256, disagreeing });
    }
  }
  for (const name of SAMPLED) {
    for (const { place, sha256 } of report[name]?.tallies ?? [])
      found.set(place, { hash: sha256, disagreeing: [] });
  }
  return found;
}

function machine({ environment, versions }: ComparedReport): string {
  return [
    environment.runtime,
    environment.adapter,
    'processor' in versions ? versions.processor : 'in a page',
  ].join(', ');
}

function ratios(a: ComparedReport, b: ComparedReport): Record<string, number> {
  const before = new Map(a.throughput?.rows.map(({ level, tokensPerSecond }) => [level, tokensPerSecond]));
  return Object.fromEntries(
    (b.throughput?.rows ?? []).flatMap(({ level, tokensPerSecond }) => {
      const known = before.get(level);
      return known === undefined ? [] : [[level, tokensPerSecond / known]];
    }),
  );
}

export function comparisonText({
  talliesCompared,
  snapshotsCompared,
  regressions,
  throughputRatio,
  notes,
}: Comparison): string {
  const compared = [
    ...(talliesCompared > 0 || snapshotsCompared === 0 ? [`${talliesCompared} tallies`] : []),
    ...(snapshotsCompared > 0 ? [`the snapshots of ${snapshotsCompared} training jobs`] : []),
  ].join(' and ');
  const rates = Object.entries(throughputRatio ?? {}).map(
    ([level, ratio]) => `${level} x ${formatNumber(ratio)}`,
  );
  return [
    ...regressions,
    ...(rates.length > 0 ? [`Throughput, one run each and therefore not judged: ${rates.join(', ')}`] : []),
    ...notes,
    regressions.length === 0
      ? `OK: ${compared} are equal to the last bit, and no verdict got worse.`
      : `NOT OK: ${regressions.length} regressions among ${compared}.`,
  ].join('\n');
}
