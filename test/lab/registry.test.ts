/** What the list of experiments promises to everything that loops over it. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { drawId } from '../../src/lab/drawIds.ts';
import { readConfig } from '../../src/lab/settings.ts';
import { EXPERIMENTS, type ExperimentResults } from '../../src/lab/suite/experiments.ts';
import { outcomeOf } from '../../src/lab/suite/report.ts';
import { FAMILY_SLOTS } from '../../src/math/stats/verdict.ts';

const config = readConfig({});
const folders = readdirSync(fileURLToPath(new URL('../../src/experiments', import.meta.url)));

describe('the registry', () => {
  test('lists every folder of experiments once', () => {
    expect(EXPERIMENTS.map(({ name }) => name).sort()).toEqual(folders.sort());
  });

  test('gives no two experiments a draw id', () => {
    const ranges = EXPERIMENTS.flatMap(({ drawIds }) => (drawIds ? [drawIds] : [])).sort(
      (a, b) => a[0] - b[0],
    );
    for (const [first, last] of ranges) expect(first).toBeLessThanOrEqual(last);
    // Id 0 is the command `tally`'s.
    expect(ranges[0][0]).toBeGreaterThan(0);
    for (let i = 1; i < ranges.length; i += 1) expect(ranges[i][0]).toBeGreaterThan(ranges[i - 1][1]);
  });

  test('names no family twice, and no more of them than there are shares of the false-alarm chance', () => {
    const ids = EXPERIMENTS.flatMap(({ families }) => families.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeLessThanOrEqual(FAMILY_SLOTS);
  });
});

test('a draw id beyond the experiment’s range is refused', () => {
  expect(drawId([0x10, 0x1f], 0xf)).toBe(0x1f);
  expect(() => drawId([0x10, 0x1f], 0x10)).toThrow(RangeError);
  expect(() => drawId([0x10, 0x1f], -1)).toThrow(RangeError);
});

test('the docs list every experiment with what it asks', () => {
  const plain = (text: string): string => text.replaceAll(/[`\\ ]+/g, ' ');
  const docs = plain(readFileSync(new URL('../../docs/findings.md', import.meta.url), 'utf8'));
  for (const { name, question } of EXPERIMENTS) expect(docs).toContain(`| ${name} | ${plain(question)} |`);
});

describe('the outcome of a run', () => {
  /** What any experiment's result may look like where it found nothing. */
  const bare = {
    complete: true,
    cells: { plain: 0, disagree: 0 },
    decidedGivenOutcome: 0,
    toDecide: { plain: 0, givenOutcome: 0 },
  };
  const family = { family: 'some', question: 'some', level: 1e-4, comparisons: 10, smallestPValue: 1e-9 };
  test.each(EXPERIMENTS.map(({ name }) => name))('%s: a rejected check disagrees', (name) => {
    const result = { ...bare, experiment: name, families: [{ ...family, rejected: 1 }] };
    expect(outcomeOf({ [name]: result }, config)).toBe('disagrees');
  });

  test.each(EXPERIMENTS.map(({ name }) => name))('%s: a deliberate mistake not seen disagrees', (name) => {
    const control = { id: 'some', description: 'some', power: 1, pValue: 0.5, detail: '' };
    const result = { ...bare, experiment: name, families: [{ ...family, rejected: 0 }] };
    const outcome = (flagged: boolean): string =>
      outcomeOf({ [name]: { ...result, controls: [{ ...control, flagged }] } }, config);
    expect(outcome(true)).toBe('agrees');
    expect(outcome(false)).toBe('disagrees');
  });

  test('a preset that decides fewer slopes than it should disagrees', () => {
    const outcome = (plain: number, decidedGivenOutcome: number): string =>
      outcomeOf(
        {
          relation: {
            experiment: 'relation',
            complete: true,
            cells: { plain, disagree: 0 },
            decidedGivenOutcome,
            toDecide: { plain: 10, givenOutcome: 20 },
          },
        } as unknown as ExperimentResults,
        config,
      );
    expect(outcome(10, 20)).toBe('agrees');
    expect(outcome(9, 20)).toBe('disagrees');
    expect(outcome(10, 19)).toBe('disagrees');
  });
});
