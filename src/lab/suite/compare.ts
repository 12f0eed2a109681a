/**
 * Two reports of one configuration held against each other: tallies must be equal to the last bit, verdicts must not get
 * worse. Times are compared beside that where both ran on the same machine (compareTimes.ts), and fail nothing by themselves.
 */
import * as v from 'valibot';
import { canonicalJson } from '../../input/canonical.ts';
import { InputError, printable } from '../../input/inputError.ts';
import { check } from '../../input/schema.ts';
import { compareTimes, DEFAULT_NOISE, timedRow, timesText, type TimeComparison } from './compareTimes.ts';
import { EXPERIMENT_NAMES, type ExperimentName } from './experiments.ts';
import { REPORT_FORMAT } from './report.ts';

const record = v.looseObject({ place: v.string(), sha256: v.string() });

/** What a comparison reads of any experiment's result: all that results share, and no more. */
const result = v.looseObject({
  tallies: v.optional(v.array(record), []),
  /** where a tally's hash stands beside its prompt instead */
  problems: v.optional(
    v.array(
      v.looseObject({
        id: v.string(),
        prompts: v.array(v.looseObject({ id: v.string(), tallySha256: v.string() })),
      }),
    ),
    [],
  ),
  // Not a part of `tallies`: float32 rounds differently from one adapter to the next.
  snapshots: v.optional(v.array(record), []),
  families: v.optional(v.array(v.looseObject({ family: v.string(), rejected: v.number() })), []),
  controls: v.optional(v.array(v.looseObject({ id: v.string(), flagged: v.boolean() })), []),
});

type ComparedResult = v.InferOutput<typeof result>;

const frame = v.looseObject({
  format: v.literal(REPORT_FORMAT),
  outcome: v.picklist(['agrees', 'disagrees', 'incomplete']),
  config: v.record(v.string(), v.unknown()),
  versions: v.record(v.string(), v.string()),
  environment: v.looseObject({ runtime: v.string(), adapter: v.string(), software: v.nullable(v.boolean()) }),
  throughput: v.optional(v.looseObject({ rows: v.array(timedRow) })),
});

export interface ComparedReport extends v.InferOutput<typeof frame> {
  readonly results: ReadonlyMap<ExperimentName, ComparedResult>;
}

export interface Comparison {
  readonly talliesCompared: number;
  /** training jobs whose snapshots were held against each other: on one machine only, for float32 rounds as it may elsewhere */
  readonly snapshotsCompared: number;
  /** places where B is worse than A, as sentences */
  readonly regressions: readonly string[];
  /** what two equal runs may differ by, a share */
  readonly noise: number;
  /** by shape, engine and level; null where the machines differ */
  readonly times: readonly TimeComparison[] | null;
  readonly notes: readonly string[];
}

/** @throws InputError unless data is a report */
export function readReport(data: unknown, name: string): ComparedReport {
  const report = check(frame, data, name);
  const results = EXPERIMENT_NAMES.flatMap((experiment) => {
    const found = Object.hasOwn(report, experiment) ? report[experiment] : undefined;
    return found === undefined ? [] : [[experiment, check(result, found, `${name}: ${experiment}`)] as const];
  });
  return { ...report, results: new Map(results) };
}

/** @throws InputError where the two cannot be compared, with the reason */
export function compareReports(
  a: ComparedReport,
  b: ComparedReport,
  nameA: string,
  nameB: string,
  noise = DEFAULT_NOISE,
): Comparison {
  requireComparable(a, b, nameA, nameB);
  const machines = [a, b].map(machine);
  const sameMachine = machines[0] === machines[1];
  const regressions: string[] = [];
  let talliesCompared = 0;
  let snapshotsCompared = 0;
  for (const [name, after] of b.results) {
    const before = a.results.get(name);
    if (!before) continue;
    const tallies = talliesOf(after);
    talliesCompared += tallies.size;
    for (const [place, hash] of tallies) {
      const known = talliesOf(before).get(place);
      if (known === undefined) regressions.push(`${place}: not in ${nameA}`);
      else if (known !== hash)
        regressions.push(`${place}: the tallies differ, and may not by a single count`);
    }
    for (const { id, flagged } of after.controls) {
      const seenBefore = before.controls.some((control) => control.id === id && control.flagged);
      if (seenBefore && !flagged) regressions.push(`deliberate mistake ${id}: no longer seen`);
    }
    const rejectedBefore = new Map(before.families.map(({ family, rejected }) => [family, rejected]));
    for (const { family, rejected } of after.families) {
      if (rejected > (rejectedBefore.get(family) ?? 0))
        regressions.push(`${name}: ${rejected} checks of ${family} rejected`);
    }
    if (!sameMachine) continue;
    const snapshots = new Map(before.snapshots.map(({ place, sha256 }) => [place, sha256]));
    snapshotsCompared += after.snapshots.length;
    for (const { place, sha256 } of after.snapshots) {
      if (snapshots.get(place) !== sha256)
        regressions.push(`${name} ${place}: the snapshots differ, and may not on one machine`);
    }
  }
  return {
    talliesCompared,
    snapshotsCompared,
    regressions: regressions.map((sentence) => printable(sentence, 200)),
    noise,
    times: sameMachine ? compareTimes(a.throughput?.rows ?? [], b.throughput?.rows ?? [], noise) : null,
    notes: sameMachine ? [] : [printable(`times not comparable: ${machines.join(' against ')}`, 300)],
  };
}

/** @throws InputError unless both are whole runs of one configuration and the same experiments */
function requireComparable(a: ComparedReport, b: ComparedReport, nameA: string, nameB: string): void {
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
  if (EXPERIMENT_NAMES.some((name) => a.results.has(name) !== b.results.has(name))) {
    throw new InputError(
      nameB,
      `the experiments of ${nameA}`,
      'others',
      'compare runs of the same experiments',
    );
  }
}

/** Hashes by place. */
function talliesOf({ tallies, problems }: ComparedResult): Map<string, string> {
  return new Map([
    ...tallies.map(({ place, sha256 }) => [place, sha256] as const),
    ...problems.flatMap(({ id, prompts }) =>
      prompts.map((prompt) => [`${id} ${prompt.id}`, prompt.tallySha256] as const),
    ),
  ]);
}

function machine({ environment, versions }: ComparedReport): string {
  return [
    environment.runtime,
    environment.adapter,
    'processor' in versions ? versions.processor : 'in a page',
  ].join(', ');
}

export function comparisonText({
  talliesCompared,
  snapshotsCompared,
  regressions,
  noise,
  times,
  notes,
}: Comparison): string {
  const compared = [
    ...(talliesCompared > 0 || snapshotsCompared === 0 ? [`${talliesCompared} tallies`] : []),
    ...(snapshotsCompared > 0 ? [`the snapshots of ${snapshotsCompared} training jobs`] : []),
  ].join(' and ');
  return [
    ...regressions,
    ...timesText(times ?? [], noise).map((line) => printable(line, 200)),
    ...notes,
    regressions.length === 0
      ? `OK: ${compared} are equal to the last bit, and no verdict got worse.`
      : `NOT OK: ${regressions.length} regressions among ${compared}.`,
  ].join('\n');
}
