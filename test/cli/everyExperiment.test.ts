/** A small run of every experiment, held against what its descriptor promises: nothing that was found can be left out. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { ExperimentResult } from '../../src/lab/experiment.ts';
import { EXPERIMENTS, type ExperimentName } from '../../src/lab/suite/experiments.ts';
import { controlsOf, familiesOf, verdictsOf, type Report } from '../../src/lab/suite/report.ts';
import { PLAIN, summaryText } from '../../src/cli/render/summary.ts';
import { CLAIM_IDS } from '../../src/lab/suite/claims.ts';
import { folder, passk } from './process.ts';

const SMALL = [
  '--engine',
  'twin',
  '--group-size',
  '4',
  '--ks',
  '1,2',
  '--estimators',
  'pkpo,rloo',
  '--group-sizes',
  '4',
  '--tokens-per-prompt',
  '65536',
  '--variance-samples',
  '65536',
];

let report: Report;
beforeAll(() => {
  const { status, stdout, stderr } = passk('run', ...SMALL, '--json', '--out', folder);
  expect(stderr).not.toContain('Error');
  expect(status).toBe(0);
  report = JSON.parse(stdout) as Report;
}, 240_000);

const resultOf = (name: ExperimentName): ExperimentResult | undefined => report[name];

describe.each(EXPERIMENTS.map((experiment) => [experiment.name, experiment] as const))('%s', (name, own) => {
  test('is in the report under its name, whole', () => {
    expect(resultOf(name)?.experiment).toBe(name);
    expect(resultOf(name)?.complete ?? true).toBe(true);
  });

  test('judges the families that it promises, each with its words', () => {
    const found = (resultOf(name)?.families ?? []).map(({ family: id, question }) => ({ id, question }));
    expect(found).toEqual(own.families);
  });

  test('has checks where it has families, and they join the count', () => {
    const result = resultOf(name);
    if (!result) throw new Error('not in the report');
    const checks = own.checks(result);
    expect(checks.length > 0).toBe(own.families.length > 0);
    const all = new Map<string, number>();
    for (const verdict of verdictsOf(report)) all.set(verdict, (all.get(verdict) ?? 0) + 1);
    for (const { verdict } of checks) expect(all.get(verdict) ?? 0).toBeGreaterThan(0);
  });

  test('draws within its ids, if it draws', () => {
    const result = resultOf(name);
    const isDrawing = (result?.tokenCount ?? 0) > 0 || name === 'throughput';
    expect(own.drawIds !== null).toBe(isDrawing);
  });

  test('can say what it found, in short and whole', () => {
    const result = resultOf(name);
    if (!result) throw new Error('not in the report');
    for (const section of [own.summary(result, report.config), own.view(result, report.config)]) {
      expect(section.title).not.toBe('');
      expect(JSON.stringify(section)).not.toMatch(/NaN|undefined|\[object/);
    }
    expect(own.view(result, report.config).parts.length).toBeGreaterThan(0);
  });
});

test('the report counts every check, family and deliberate mistake of every experiment', () => {
  const results = EXPERIMENTS.flatMap((own) => {
    const result = resultOf(own.name);
    return result ? [{ own, result }] : [];
  });
  const sum = (count: (entry: (typeof results)[number]) => number): number =>
    results.reduce((total, entry) => total + count(entry), 0);
  expect(verdictsOf(report).length).toBe(sum(({ own, result }) => own.checks(result).length));
  expect(familiesOf(report).length).toBe(sum(({ own }) => own.families.length));
  expect(controlsOf(report).length).toBe(sum(({ result }) => result.controls?.length ?? 0));
  expect(controlsOf(report).length).toBeGreaterThan(4);
});

test('says something of every claim, on one screen', () => {
  expect(report.claims.map(({ id }) => id)).toEqual([...CLAIM_IDS]);
  for (const { verdict, decided, total, words } of report.claims) {
    expect(verdict).not.toBe('not-run');
    // Nothing is said over nothing; this small configuration leaves some claims without a case.
    if (total === 0 || decided === 0) expect(verdict).toBe('undecided');
    expect(words.length).toBeGreaterThan(10);
  }
  const lines = summaryText(report, { strictness: 'lenient', amount: 'usual', paint: PLAIN }).split('\n');
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  // The outcome, every claim, what a gradient costs, the speed, the next command.
  expect(lines[2]).toMatch(/^OK: /);
  for (const { title } of report.claims) expect(lines.some((line) => line.includes(title))).toBe(true);
  for (const words of ['samples for SNR 1', 'Speed: twin', 'Next: npm run passk'])
    expect(lines.some((line) => line.includes(words))).toBe(true);
});
