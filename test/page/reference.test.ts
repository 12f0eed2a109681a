/** The reference that the page ships: of today's plan, small enough, and what a run of today shows. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { planHash } from '../../src/lab/suite/plan.ts';
import { EXPERIMENT_NAMES } from '../../src/lab/suite/experiments.ts';
import { isPresetAsItIs, readConfig } from '../../src/lab/settings.ts';
import type { Digest } from '../../src/lab/suite/digest.ts';

const text = readFileSync(new URL('../../src/ui/reference.json', import.meta.url), 'utf8');
const reference = JSON.parse(text) as Digest & { readonly planHash: string };

test('is of the plan that a quick run has today (else: npm run reference)', async () => {
  expect(reference.facts.config).toEqual(readConfig({}));
  expect(isPresetAsItIs(reference.facts.config)).toBe(true);
  expect(reference.facts.experiments).toEqual(EXPERIMENT_NAMES);
  expect(await planHash(readConfig({}))).toBe(reference.planHash);
});

test('another seed, or another k, would be another plan', async () => {
  expect(await planHash(readConfig({ seed: '2' }))).not.toBe(reference.planHash);
  expect(await planHash(readConfig({ ks: '1,2' }))).not.toBe(reference.planHash);
});

test('is at most 60 kB in gzip', () => {
  expect(gzipSync(text, { level: 9 }).length).toBeLessThan(60_000);
});

test('shows what a run of today shows (else: npm run reference)', () => {
  const script = fileURLToPath(new URL('../../bench/reference.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
});
