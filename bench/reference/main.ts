/** The excerpt of a report that the page shows before any run: a report's text in, a file out, and whether one is still true. */
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { digestOf, type Digest } from '../../src/lab/suite/digest.ts';
import { excerptOf } from '../../src/lab/suite/excerpt.ts';
import { EXPERIMENTS } from '../../src/lab/suite/experiments.ts';
import { planHash } from '../../src/lab/suite/plan.ts';
import type { Report } from '../../src/lab/suite/report.ts';

async function referenceOf(reportText: string): Promise<Digest & { readonly planHash: string }> {
  const report = JSON.parse(reportText) as Report;
  if (report.outcome !== 'agrees')
    throw new Error(`the reference must be a run that agrees, not ${report.outcome}`);
  const ofEach = <Value>(value: (experiment: (typeof EXPERIMENTS)[number]) => Value): Record<string, Value> =>
    Object.fromEntries(EXPERIMENTS.map((experiment) => [experiment.name, value(experiment)]));
  return {
    planHash: await planHash(report.config),
    ...{ expectedSeconds: ofEach(({ expectedSeconds }) => expectedSeconds) },
    ...{ questions: ofEach(({ question }) => question) },
    ...excerptOf(digestOf(report)),
  };
}

export async function writeReference(reportText: string, path: string): Promise<void> {
  const text = JSON.stringify(await referenceOf(reportText));
  writeFileSync(path, `${text}\n`);
  const { length } = gzipSync(text, { level: 9 });
  process.stderr.write(`${path}: ${text.length} characters, ${length} bytes in gzip\n`);
}

/** Of the numbers: other versions of a JavaScript engine round elsewhere. */
const TOLERANCE = 2e-3;
const ROUNDING = 1e-12;
/** Enough to see what has changed. */
const MOST_DIFFERENCES = 10;

/** Where a run of today differs in what it shows, whatever machine it ran on. */
export async function differences(reportText: string, path: string): Promise<string[]> {
  const now = await referenceOf(reportText);
  const kept = JSON.parse(readFileSync(path, 'utf8')) as typeof now;
  const found: string[] = [];
  for (const part of ['planHash', 'claims', 'answer', 'shown'] as const)
    collect(part, kept[part], JSON.parse(JSON.stringify(now[part])), found);
  return found.slice(0, MOST_DIFFERENCES);
}

function collect(place: string, kept: unknown, now: unknown, found: string[]): void {
  if (typeof kept === 'number' && typeof now === 'number') {
    if (Math.abs(kept - now) > TOLERANCE * Math.max(Math.abs(kept), Math.abs(now)) + ROUNDING)
      found.push(`${place}: ${kept} kept, ${now} now`);
    return;
  }
  if (typeof kept === 'object' && typeof now === 'object' && kept !== null && now !== null) {
    const [left, right] = [kept as Record<string, unknown>, now as Record<string, unknown>];
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
      collect(`${place}.${key}`, left[key], right[key], found);
    return;
  }
  if (kept !== now) found.push(`${place}: ${JSON.stringify(kept)} kept, ${JSON.stringify(now)} now`);
}
