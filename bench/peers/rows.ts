/** From what the peers answered to rows: rates with their intervals, ratios to this project's best, or why there is none. */
import { bootstrapMedian, type BootstrapMedian } from '../../src/math/stats/bootstrap.ts';
import { whatIsWrong } from './check.ts';
import type { Expected } from './expected.ts';
import { TOKENS_PER_GROUP, type Answer } from './job.ts';
import type { Runner } from './race.ts';

export interface Row {
  readonly peer: string;
  /** null where it never opened */
  readonly version: string | null;
  readonly backend: string;
  readonly isOwn: boolean;
  readonly outcome: 'measured' | 'wrong' | 'failed';
  /** what is wrong, or why it failed; null where it was measured */
  readonly reason: string | null;
  /** of each prompt, in a job; null without one */
  readonly groupsPerJob: number | null;
  /** of all prompts' tokens, a value a round */
  readonly samples: readonly Sample[];
  readonly tokensPerSecond: BootstrapMedian | null;
  readonly tokensPerCpuSecond: BootstrapMedian | null;
  /** the reference's rate over this one's, round by round; null where there is no reference, or no rate */
  readonly ratio: BootstrapMedian | null;
}

export interface Sample {
  readonly tokenCount: number;
  readonly seconds: number;
  readonly cpuSeconds: number | null;
}

export interface Rows {
  readonly rows: readonly Row[];
  /** this project's row of the greatest median: what the others are compared with; null where it has none */
  readonly reference: Row | null;
}

export function rowsOf(runners: readonly Runner[], expected: Expected, seed: number): Rows {
  const measured = runners.map((runner) => rowOf(runner, expected, seed));
  const best = measured.reduce<Row | null>(
    (found, row) => (row.isOwn && rateOf(row) > (found === null ? 0 : rateOf(found)) ? row : found),
    null,
  );
  const rows = measured.map((row) => ({ ...row, ratio: ratioTo(best, row, seed) }));
  return { rows, reference: best === null ? null : rows[measured.indexOf(best)] };
}

const rateOf = (row: Row): number => row.tokensPerSecond?.median ?? 0;

function rowOf({ peer, facts, answers, failure }: Runner, expected: Expected, seed: number): Row {
  const wrong = failure === null ? whatIsWrong(expected, answers) : null;
  const outcome = failure !== null ? 'failed' : wrong !== null ? 'wrong' : 'measured';
  const samples = answers.map((answer) => sampleOf(answer, expected.prompts.length));
  const perCpu = samples.flatMap(({ tokenCount, cpuSeconds }) =>
    cpuSeconds !== null && cpuSeconds > 0 ? [tokenCount / cpuSeconds] : [],
  );
  const isRate = outcome === 'measured';
  return {
    peer: peer.name,
    version: facts?.version ?? null,
    backend: facts?.backend ?? peer.backend,
    isOwn: peer.isOwn,
    outcome,
    reason: failure ?? wrong,
    groupsPerJob: answers.at(0)?.groupCount ?? null,
    samples,
    tokensPerSecond: isRate ? bootstrapMedian(samples.map(perSecond), { seed }) : null,
    // Only where every round has one: a median of some would be of others' rounds.
    tokensPerCpuSecond: isRate && perCpu.length === samples.length ? bootstrapMedian(perCpu, { seed }) : null,
    ratio: null,
  };
}

function sampleOf({ groupCount, seconds, cpuSeconds }: Answer, promptCount: number): Sample {
  return { tokenCount: promptCount * groupCount * TOKENS_PER_GROUP, seconds, cpuSeconds };
}

const perSecond = ({ tokenCount, seconds }: Sample): number => tokenCount / seconds;

/** Round by round: what slowed a round slowed both. */
function ratioTo(reference: Row | null, row: Row, seed: number): BootstrapMedian | null {
  if (reference === null || row.tokensPerSecond === null) return null;
  const ratios = row.samples.map((sample, round) => perSecond(reference.samples[round]) / perSecond(sample));
  return bootstrapMedian(ratios, { seed });
}
