/**
 * Experiment `collapse`: Theorem 3.2 (Yu 2025). Its three parts, each with what a careful reader adds: how often a step finds
 * a rare mode; what steps that do not do to the mass of the other; and the gap between pass@k and pass@1 along training.
 * Last, how often training ends with one mode.
 */
import type { DrawIds } from '../../lab/drawIds.ts';
import { endingOf, judge, type Family } from '../../lab/judge.ts';
import type { Lab } from '../../lab/experiment.ts';
import { collapseStatements, RULES } from './statements.ts';
import { collapseSteps } from './steps.ts';
import { gapCurves } from './gapCurves.ts';
import { KEPT_DESCRIPTION, keptGrid } from './keptModes.ts';
import { isAborted } from '../../lab/sampleJobs.ts';
import type { Preset } from '../../lab/settings.ts';
import { addTotals } from '../../lab/trainJobs.ts';
import type { CollapseCase, CollapseResult, GapCurve, KeptCell } from './result.ts';
import { trainingK } from '../../lab/trainedTables.ts';

const STEP_IDS = [0x900, 0x90f] as const satisfies DrawIds;
const GAP_IDS = [0x910, 0x91f] as const satisfies DrawIds;
const KEPT_IDS = [0x920, 0x92f] as const satisfies DrawIds;
export const DRAW_IDS = [STEP_IDS[0], KEPT_IDS[1]] as const satisfies DrawIds;

export const DISCOVERY: Family = {
  id: 'discovery',
  question: 'steps that find a rare mode, exactly binomial',
};
export const GAP: Family = { id: 'gap', question: 'gap between pass@k and pass@1 along training' };

/** Besides the run's n: in groups of two a batch can do what averages hide in larger ones. */
const SMALLEST_GROUP = 2;
const STEP_REPLICAS: Readonly<Record<Preset, number>> = { quick: 2 ** 12, standard: 2 ** 15, full: 2 ** 17 };
const GAP_REPLICAS: Readonly<Record<Preset, number>> = { quick: 2 ** 11, standard: 2 ** 14, full: 2 ** 16 };
const KEPT_REPLICAS: Readonly<Record<Preset, number>> = { quick: 256, standard: 1024, full: 4096 };

export async function runCollapse({ config, engine: trainer, watcher }: Lab): Promise<CollapseResult> {
  watcher.onProgress({ stage: 'planning', tokenCount: 0, totalTokens: 0 });
  const { groupSize: n, preset, seed } = config;
  const k = trainingK(config);
  const sizes = [...new Set([SMALLEST_GROUP, n])];
  const common = { trainer, watcher, seed };
  const steps = await collapseSteps(sizes, {
    ...common,
    drawIds: STEP_IDS,
    replicaCount: STEP_REPLICAS[preset],
  });
  const gaps = await gapCurves(n, k, {
    ...common,
    drawIds: GAP_IDS,
    replicaCount: GAP_REPLICAS[preset],
  });
  const smaller = Math.max(2, Math.floor(n / 4));
  const grid = await keptGrid(config.estimators, [...new Set([smaller, n])], config.ks, {
    ...common,
    drawIds: KEPT_IDS,
    replicaCount: KEPT_REPLICAS[preset],
  });
  const totals = addTotals([steps.totals, gaps.totals, grid.totals]);
  const complete = totals.complete && !isAborted(watcher);
  const ending = endingOf({ complete });
  const discovery = judge(
    DISCOVERY,
    steps.cases.map((entry) => entry.discovery),
    ending,
  );
  const gap = judge(
    GAP,
    gaps.curves.flatMap(({ points }) => points),
    ending,
  );
  const curves = gaps.curves.map((curve) => ({ ...curve, points: curve.points.map(gap.of) }));
  const cases = steps.cases.map((entry) => ({ ...entry, discovery: discovery.of(entry.discovery) }));
  // Cases that were not reached may be the very ones in which a statement fails.
  const statements = complete ? collapseStatements(cases) : [];
  const literal = statements.find(
    ({ rule, statement }) => rule === RULES[0] && statement === 'in mean, finite step',
  );
  return {
    experiment: 'collapse',
    description: `n = ${n}${k > 1 ? `, k = ${k}` : ''}; ${KEPT_DESCRIPTION} for the modes kept`,
    groupSize: n,
    cases,
    statements,
    finiteStep: { holds: literal?.holds ?? 0, fails: literal?.fails ?? 0, open: literal?.open ?? 0 },
    notDefined: grid.notDefined,
    curves,
    kept: grid.kept,
    findings: complete ? findings(cases, curves, grid.kept) : [],
    ...totals,
    complete,
    families: complete ? [discovery.summary, gap.summary] : [],
  };
}

/** In words, composed from the numbers. */
function findings(
  cases: readonly CollapseCase[],
  curves: readonly GapCurve[],
  kept: readonly KeptCell[],
): string[] {
  const words: string[] = [];
  if (cases.length > 0) {
    const loosest = cases.reduce((worst, entry) =>
      entry.discovery.bound / entry.discovery.exact > worst.discovery.bound / worst.discovery.exact
        ? entry
        : worst,
    );
    words.push(
      'M1 is the main correct mode, of one trajectory or several, M2 a rare one, of mass eps = pi(M2); m1, m2 are their masses, J1 their ' +
        'sum',
      `(1) a step of n samples finds M2 with chance 1 - (1 - pi(M2))^n, measured in ${cases.length} cases; the bound min(1, n eps) holds, and ` +
        `is loosest at n = ${loosest.groupSize}, eps = ${loosest.rareProb.toPrecision(2)}: ${loosest.discovery.bound.toFixed(2)} for ` +
        loosest.discovery.exact.toFixed(3),
      "(2) in the paper's own reading (successes reinforced, in mean over the batches without M2, to first order) is a theorem, whatever " +
        'the policy: the rate of pi(M1) is |grad m1|^2 / (1 - m2). Eq 9 as printed has no reward: read so, every sample is reinforced, ' +
        'and it can fail',
    );
  }
  for (const { id, description, k, points } of curves) {
    if (points.length < 2) continue;
    const [first, last] = [points[0], points[points.length - 1]];
    const other = Math.abs(last.gapOfMode - last.exactGap);
    words.push(
      `(3) ${id} (${description}): the mean gap pass@${k} - pass@1 goes from ${first.exactGap.toFixed(3)} to ${last.exactGap.toFixed(3)}, where ` +
        `the median J1 is ${last.successProb.median.toFixed(3)}` +
        (other > 0.005 ? `; Eq 19 with pi(M1) for J1 gives ${last.gapOfMode.toFixed(3)}` : ''),
    );
  }
  const k = curves.at(0)?.k;
  if (k !== undefined && k > 1) {
    const peak = peakOfGap(k);
    words.push(
      `as pi(M1) -> 1 the gap vanishes, as the paper states (J1 >= pi(M1)); its formula, Eq 19, is exact with delta = 1 - J1. A policy ` +
        `whose J1 rises past the peak passes the greatest gap there is, ${peak.gap.toFixed(4)} at J1 = 1 - ${k}^(-1/${k - 1}) = ${peak.successProb.toFixed(3)}: ` +
        'a mean over replicas at snapshots shows less',
    );
  }
  const rarest = Math.min(...kept.map(({ rareProb }) => rareProb));
  const most = Math.max(...kept.map(({ groupSize }) => groupSize));
  const shown = kept.filter(({ rareProb, groupSize }) => rareProb === rarest && groupSize === most);
  if (shown.length > 1) {
    const ordered = [...shown].sort((a, b) => a.oneMode.value - b.oneMode.value);
    const [least, last] = [ordered[0], ordered[ordered.length - 1]];
    const range =
      percent(least.oneMode.value) === percent(last.oneMode.value)
        ? `${percent(least.oneMode.value)}, with every estimator,`
        : `${percent(least.oneMode.value)} (${nameOf(least)}) to ${percent(last.oneMode.value)} (${nameOf(last)})`;
    words.push(
      `of ${shown[0].oneMode.count} replicas that start with a second mode of ${rarest}, ${range} end with one mode at n = ${most} ` +
        '(99.9 % intervals in the table)',
    );
  }
  return words;
}

/** The greatest q − q^k, at q = k^(−1/(k−1)). */
function peakOfGap(k: number): { readonly gap: number; readonly successProb: number } {
  const q = k ** (-1 / (k - 1));
  return { gap: q - q ** k, successProb: 1 - q };
}

const nameOf = ({ estimator, k }: KeptCell): string => (k === null ? estimator : `${estimator} k=${k}`);
const percent = (share: number): string => `${Math.round(100 * share)} %`;
