/** What a claim may say of runs that do not decide it: the least that could mislead a rule. */
import { expect, test } from 'vitest';
import { tablesAt } from '../../src/lab/trainedTables.ts';
import { readConfig } from '../../src/lab/settings.ts';
import { claimsOf, type Claim, type ClaimId } from '../../src/lab/suite/claims.ts';
import type { ExperimentName, ExperimentResults } from '../../src/lab/suite/experiments.ts';
import { runSuite } from '../../src/lab/suite/suite.ts';
import { inlineEngine } from '../engine/cpu/inlineThreads.ts';
import { watcher } from '../fakes.ts';

const claimOf = (results: ExperimentResults, id: ClaimId): Claim =>
  claimsOf(results).find((claim) => claim.id === id)!;

const resultsOf = (name: ExperimentName, texts: Record<string, string>): Promise<ExperimentResults> =>
  runSuite([name], readConfig({ groupSize: '4', ...texts }), inlineEngine(), watcher, { versions: {} });

test('at k = 1 nothing is said of pass@k', async () => {
  const temperature = claimOf(await resultsOf('temperature', { ks: '1' }), 'temperature');
  expect(temperature).toMatchObject({ verdict: 'undecided', words: 'needs a k > 1' });
  expect(temperature.decided).toBeGreaterThan(0);
  const relation = claimOf(await resultsOf('relation', { ks: '4', estimators: 'rloo' }), 'theorem-3.1');
  expect(relation).toMatchObject({ verdict: 'undecided', words: 'no slope with k > 1 is decided' });
  expect(relation.decided).toBeGreaterThan(0);
  const aggregate = claimOf(await resultsOf('aggregate', { ks: '1' }), 'aggregate');
  expect(aggregate).toMatchObject({ verdict: 'undecided', words: 'needs a k > 1' });
});

test('signal without success: whose own it is needs an estimator of pass@1 that is silent there', async () => {
  const ends = { ks: '2', groupSize: '4' };
  const own = await resultsOf('signal', { ...ends, estimators: 'rloo,ordergrad' });
  expect(claimOf(own, 'situation-1')).toMatchObject({ verdict: 'not-its-own' });
  expect(claimOf(own, 'situation-1').words).toMatch(/no k raises it$/);
  expect(claimOf(own, 'situation-2')).toMatchObject({ verdict: 'holds', decided: 1, total: 1 });
  const none = await resultsOf('signal', { ...ends, estimators: 'nsr' });
  expect(claimOf(none, 'situation-1').verdict).toBe('undecided');
  expect(claimOf(none, 'situation-2').verdict).toBe('undecided');

  // Were some k to raise it, the words would not say that none does.
  const raised = {
    signal: {
      ...own.signal!,
      ends: own.signal!.ends.flatMap((end) => [
        end,
        { ...end, k: 3, low: { ...end.low, snrPerRareSample: 2 * (end.low.snrPerRareSample ?? 1) } },
      ]),
    },
  };
  expect(claimOf(raised, 'situation-1').words).not.toContain('no k raises it');
});

test('what costs more names where, from the rows themselves', async () => {
  const results = await resultsOf('variance', { ks: '1,2', groupSizes: '4', estimators: 'rloo,ordergrad' });
  const claim = claimOf(results, 'cost');
  expect(claim.total).toBe(3);
  const prompts = results.variance!.prompts.map((prompt, i) => ({
    ...prompt,
    cells: prompt.cells.map((cell) => ({ ...cell, samplesForSnr1: cell.k === 2 && i === 1 ? 1e6 : 10 })),
  }));
  const odd = claimOf({ variance: { ...results.variance!, prompts } }, 'cost');
  expect(odd).toMatchObject({ verdict: 'holds-if' });
  expect(odd.words).toMatch(/^if J1 = 0\.5 \(/);
});

test('an estimator whose every k is beyond n trains nothing, and that is said', () => {
  expect(tablesAt(['plug-in', 'rloo'], 8, [])).toMatchObject({
    tables: [{ estimatorId: 'rloo' }],
    notDefined: [{ estimator: 'plug-in', n: 8, k: null, reason: 'no k that was asked for is at most n = 8' }],
  });
});
