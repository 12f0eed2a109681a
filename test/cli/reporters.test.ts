/** What a run leaves for machines, on reports made by hand of a real run's parts. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { casesOf } from '../../src/cli/reporters/cases.ts';
import { annotations, writeStepSummary } from '../../src/cli/reporters/github.ts';
import { readReporters } from '../../src/cli/reporters/index.ts';
import { junitXml } from '../../src/cli/reporters/junit.ts';
import { reportMarkdown } from '../../src/cli/reporters/markdown.ts';
import { summaryText, PLAIN } from '../../src/cli/render/summary.ts';
import { readConfig } from '../../src/lab/settings.ts';
import { CLAIM_IDS, claimsOf } from '../../src/lab/suite/claims.ts';
import type { Report } from '../../src/lab/suite/report.ts';
import { runSuite } from '../../src/lab/suite/suite.ts';
import { inlineEngine } from '../engine/cpu/inlineThreads.ts';
import { watcher } from '../fakes.ts';

const config = readConfig({ groupSize: '8', ks: '1,2' });
let report: Report;
beforeAll(async () => {
  const facts = { versions: { 'passk-bench': '0.0.0' } };
  report = await runSuite(['temperature', 'published'], config, inlineEngine(), watcher, facts);
});

/** The same report, with one family of `temperature` rejecting. */
function disagreeing(words = 'J_k at each temperature'): Report {
  const { temperature } = report;
  const [family] = temperature!.families;
  const policies = temperature!.policies.map((policy, i) => ({
    ...policy,
    points: policy.points.map((point, t) => ({
      ...point,
      passAtK: point.passAtK.map((check) =>
        i + t === 0 ? { ...check, verdict: 'disagree' as const } : check,
      ),
    })),
  }));
  const results = {
    temperature: { ...temperature!, policies, families: [{ ...family, question: words, rejected: 2 }] },
  };
  return { ...report, ...results, outcome: 'disagrees', claims: claimsOf({ ...report, ...results }) };
}

const screen = (of: Report): string =>
  summaryText(of, { strictness: 'lenient', amount: 'usual', paint: PLAIN });

describe('claims', () => {
  test('are thirteen, each with its denominator, and none is green for nothing', () => {
    const none = claimsOf({});
    expect(none.map(({ id }) => id)).toEqual([...CLAIM_IDS]);
    for (const { verdict, decided, total } of none)
      expect([verdict, decided, total]).toEqual(['not-run', 0, 0]);
    for (const { id, verdict, decided, total } of report.claims) {
      expect(decided).toBeLessThanOrEqual(total);
      expect(verdict === 'not-run').toBe(id !== 'temperature');
      if (verdict !== 'not-run') expect(decided).toBeGreaterThan(0);
    }
  });

  test('of an experiment that was cut short are not run', () => {
    const cut = { temperature: { ...report.temperature!, complete: false } };
    expect(claimsOf(cut).every(({ verdict }) => verdict === 'not-run')).toBe(true);
  });

  test('that rest on a rejected check fail, and say so first', () => {
    const found = disagreeing();
    expect(found.claims.find(({ id }) => id === 'temperature')).toMatchObject({
      verdict: 'fails',
      rejected: 2,
    });
    expect(screen(found)).toMatch(/\nNOT OK: 2 disagree\./);
    expect(screen(found)).toMatch(/FAILS .* REJECTED/);
  });
});

describe('the screen', () => {
  test('has at most 40 lines of 100 columns, the outcome third, and what to type next', () => {
    const lines = screen(report).split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines[2]).toMatch(
      /^OK: nothing disagrees\. Checks: \d+ decided, 0 out of reach, \d+ inconclusive/,
    );
    expect(lines.some((line) => line.startsWith('Next: npm run passk -- run --preset standard'))).toBe(true);
    expect(lines.at(-1)).toMatch(/^OK: nothing disagrees; \d+ agree, \d+ inconclusive/);
  });

  test('of published numbers alone is not green', () => {
    const { published, temperature: _left, ...rest } = report;
    const alone = { ...rest, published, claims: claimsOf({ published: published! }) } as Report;
    expect(screen(alone)).toMatch(/\nNOTHING CHECKED/);
  });

  test('of a run cut short says so, and judges nothing', () => {
    const cut: Report = { ...report, outcome: 'incomplete' };
    expect(screen(cut).split('\n')[2]).toMatch(/^INCOMPLETE/);
  });
});

describe('test cases', () => {
  test('fail where a check behind them does, and nowhere else', () => {
    const outcomes = (of: Report): Record<string, string> =>
      Object.fromEntries(casesOf(of).map(({ name, outcome }) => [name.split(':')[0], outcome]));
    const honest = outcomes(report);
    expect(honest.temperature).toBe('passed');
    expect(honest['theorem-3.1']).toBe('skipped');
    expect(Object.values(honest)).not.toContain('failed');
    const found = outcomes(disagreeing());
    expect(found.temperature).toBe('failed');
    expect(found['theorem-3.1']).toBe('skipped');
    // A claim of the paper that fails is a finding, not a fault.
    const claims = report.claims.map((claim) => ({
      ...claim,
      verdict: 'fails' as const,
      total: 1,
      decided: 1,
    }));
    expect(casesOf({ ...report, claims }).every(({ outcome }) => outcome !== 'failed')).toBe(true);
  });

  test('as JUnit are well-formed, whatever stands in them', () => {
    const xml = junitXml(disagreeing('<script>&"\u0000\u0008 ]]> \ud800 ü\n'));
    expect(xml).toContain('&lt;script&gt;&amp;&quot;\ufffd\ufffd ]]&gt; \ufffd ü ');
    // No bare sign is left outside of tags and references.
    expect(xml.replaceAll(/<[^<>]*>/g, '').replaceAll(/&(amp|lt|gt|quot);/g, '')).not.toMatch(/[<>&]/);
    const [, tests, failures] = /<testsuites [^>]*tests="(\d+)" failures="(\d+)"/.exec(xml)!;
    expect(Number(tests)).toBe(xml.split('<testcase ').length - 1);
    expect(Number(failures)).toBe(xml.split('<failure ').length - 1);
    expect(Number(failures)).toBe(2);
  });

  test('as Markdown keep to their cells', () => {
    const text = reportMarkdown(disagreeing('a | b\n# c @someone <img>'));
    expect(text).toContain('a \\| b &#35; c &#64;someone \\<img\\>');
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    const columns = rows.map((line) => line.replaceAll('\\|', '').split('|').length);
    expect(new Set(columns.slice(0, 15))).toEqual(new Set([7]));
  });
});

describe('GitHub', () => {
  test('is told of what disagrees as errors, escaped, at most ten', () => {
    const lines = annotations(disagreeing('50 %: a,b\nc'));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).toMatch(/^::(error|warning) title=[^:,\n]*::[^\n]*$/);
    expect(lines.join('\n')).toContain('50 %25%3A a%2Cb%0Ac');
    const [family] = report.temperature!.families;
    const families = Array.from({ length: 30 }, (_, i) => ({ ...family, family: `f${i}`, rejected: 1 }));
    const many = annotations({ ...report, temperature: { ...report.temperature!, families } });
    expect(many.filter((line) => line.startsWith('::error')).length).toBe(10);
    expect(many.at(-1)).toContain('21 more');
    expect(annotations(report)).toEqual([]);
  });

  test('gets the claims in its summary, appended, below 1 MiB; no variable, no summary', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'passk-summary-')), 'summary.md');
    writeFileSync(path, 'before\n');
    writeStepSummary(report, path);
    const text = readFileSync(path, 'utf8');
    expect(text.startsWith('before\n## passk-bench\n')).toBe(true);
    expect(text.split('\n').filter((line) => line.startsWith('| ')).length).toBe(15);
    const long = { ...report, claims: report.claims.map((claim) => ({ ...claim, words: 'x'.repeat(2e5) })) };
    writeStepSummary(long, path);
    const whole = readFileSync(path);
    expect(whole.length).toBeLessThan(2 ** 20 + text.length);
    expect(whole.at(-1)).toBe(10);
    expect(() => writeStepSummary(report, undefined)).not.toThrow();
  });
});

test('--reporter takes a list, and refuses what it does not know', () => {
  expect(readReporters(['junit=a.xml,markdown=b=c.md', 'github'], false)).toEqual({
    ...{ junit: 'a.xml', markdown: 'b=c.md', github: true },
  });
  expect(readReporters([], true).github).toBe(true);
  for (const bad of ['tap', 'junit', 'junit=', 'github=x'])
    expect(() => readReporters([bad], false)).toThrow(
      '--reporter: expected junit=FILE, markdown=FILE, github',
    );
});
