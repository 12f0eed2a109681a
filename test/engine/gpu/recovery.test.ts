import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { collectTallies } from '../../../src/engine/collect.ts';
import { HostLostError, type ResilientEngine } from '../../../src/engine/resilientEngine.ts';
import { everyPrompt, type SamplingJob } from '../../../src/engine/sampler.ts';
import type { PromptTally } from '../../../src/engine/tally.ts';
import type { TrainingSegment } from '../../../src/engine/training.ts';
import { openResilient, openEngine } from '../../browser.ts';
import { randomProblem } from '../../problems.ts';
import { segmentsOf, trainingJob } from '../../training.ts';

type Victim = 'renderer' | 'gpu-process' | 'browser';

const job: SamplingJob = (() => {
  const problem = randomProblem({
    vocab: 8,
    horizon: 8,
    context: 'none',
    accept: { sum: { modulus: 3, residue: 1 } },
  });
  return {
    problem,
    groupSize: 16,
    level: 'full',
    seed: 11,
    drawId: 0,
    // Long enough that it is still at work when the second blow falls.
    ranges: everyPrompt(problem, 0, 400_000),
  };
})();

/** Processes below `root`, from /proc: pid and command line. */
function descendants(root: number): { pid: number; command: string }[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended between the listing and the reading.
    }
  }
  const isBelow = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter(isBelow).map((pid) => ({ pid, command: commandLine(pid) }));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It ended: it has none.
    return '';
  }
}

function kill(browserPid: number, victim: Victim): void {
  const targets =
    victim === 'browser'
      ? [browserPid]
      : descendants(browserPid)
          .filter(({ command }) => command.includes(`--type=${victim}`))
          .map(({ pid }) => pid);
  expect(targets.length, `no ${victim} below ${browserPid}`).toBeGreaterThan(0);
  for (const pid of targets) process.kill(pid, 'SIGKILL');
}

let sampler: ResilientEngine | undefined;
afterEach(() => sampler?.close());

/** Runs the job and kills as many times as told, each time after another chunk is in. */
async function disturbed(
  victim: Victim,
  times: number,
): Promise<{ tallies: PromptTally[]; recoveries: number }> {
  let pid = 0;
  const running = await openResilient({
    engine: { chunkMs: 100, submitMs: 20 },
    onStart: (started) => (pid = started),
  });
  sampler = running;
  let killed = 0;
  let chunksSince = 0;
  const tallies = await collectTallies(running, job, (event) => {
    if (event.kind !== 'chunks' || event.chunks.length === 0) return;
    chunksSince += 1;
    if (killed < times && chunksSince >= 2) {
      killed += 1;
      chunksSince = 0;
      kill(pid, victim);
    }
  });
  expect(killed).toBe(times);
  return { tallies, recoveries: running.recoveryCount };
}

describe('whatever dies in mid-run, the tally is that of an undisturbed run', () => {
  let undisturbed: PromptTally[] | undefined;
  const cases: [Victim, number][] = [
    ['renderer', 1],
    ['gpu-process', 1],
    ['gpu-process', 2],
    ['browser', 1],
    ['browser', 2],
  ];
  test.each(cases)('%s, %i times', async (victim, times) => {
    if (!undisturbed) {
      const calm = await openEngine();
      undisturbed = await collectTallies(calm, job);
      await calm.close();
    }
    const { tallies, recoveries } = await disturbed(victim, times);
    expect(recoveries).toBe(times);
    expect(tallies).toEqual(undisturbed);
  });

  test('a host that dies again and again without finishing anything is given up', async () => {
    const large = { ...job, level: 'full' as const, ranges: everyPrompt(job.problem, 0, 10_000_000) };
    // On a loaded machine each may die while it opens: that is given up in the same way.
    const work = openResilient({
      engine: { submitMs: 20 },
      onStart: (pid) => setTimeout(() => process.kill(pid, 'SIGKILL'), 900),
    }).then((running) => {
      sampler = running;
      return collectTallies(running, large);
    });
    await expect(work).rejects.toThrow(HostLostError);
  });
});

describe('whatever dies in the middle of training, the snapshots are those of an undisturbed run', () => {
  const training = trainingJob(job.problem, {
    stepCount: 120,
    snapshotSteps: [0, 20, 40, 60, 80, 100, 120],
    replicaCount: 300,
  });
  const victims: Victim[] = ['renderer', 'gpu-process', 'browser'];
  let undisturbed: TrainingSegment[] | undefined;
  test.each(victims)('%s', async (victim) => {
    if (!undisturbed) {
      const calm = await openEngine();
      undisturbed = await segmentsOf(calm, training);
      await calm.close();
    }
    let pid = 0;
    sampler = await openResilient({ engine: { submitMs: 20 }, onStart: (started) => (pid = started) });
    const segments: TrainingSegment[] = [];
    for await (const event of sampler.train(training)) {
      if (event.kind !== 'segment') continue;
      segments.push(event.segment);
      if (segments.length === 3) kill(pid, victim);
    }
    expect(sampler.recoveryCount).toBe(1);
    expect(segments).toEqual(undisturbed);
  });
});

test('stopping early ends within a submission and leaves the sampler usable', async () => {
  sampler = await openResilient({ engine: { chunkMs: 50 } });
  for await (const event of sampler.sample(job)) if (event.kind === 'progress' && event.tokenCount > 0) break;
  const small = { ...job, ranges: everyPrompt(job.problem, 0, 100) };
  const tallies = await collectTallies(sampler, small);
  expect(tallies[0].groups.reduce((sum, groups) => sum + groups, 0)).toBe(100);
});
