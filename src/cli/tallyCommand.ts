/** `tally`: exact counts of a range of groups. */
import type { Command } from 'commander';
import { LEVELS } from '../engine/tally.ts';
import { readChoice, readInteger } from '../input/textInput.ts';
import { MAX_GROUP_INDEX, MAX_SEED } from '../math/random/stream.ts';
import { printable } from '../input/inputError.ts';
import { EXIT } from './exit.ts';
import { readProblem } from './files.ts';
import { addHostOptions, hostChoice, problemFlag, type HostFlags } from './flags.ts';
import { printJson } from './output.ts';
import type { Tools } from './tools.ts';
import { collectTallies } from '../engine/collect.ts';
import type { Engine } from '../engine/engine.ts';
import { everyPrompt, MAX_GROUP_SIZE, type SamplingJob } from '../engine/sampler.ts';
import { tallyFile, type TallyFile } from '../engine/tallyFile.ts';
import { engineReport, type EngineReport } from '../lab/suite/report.ts';
import { requireSelfTest } from '../lab/suite/suite.ts';
import { Progress } from './progress.ts';

export interface TallyOutput extends TallyFile {
  /** beside the tally, outside its hash */
  readonly run: {
    readonly engine: EngineReport;
    readonly environment: Engine['environment'];
    readonly timings: ReturnType<Engine['timings']>;
    readonly durationMs: number;
  };
}

/** Tallies the same groups of every prompt. @throws Error if the engine fails its self-test */
export async function runTally(
  engine: Engine,
  request: Omit<SamplingJob, 'ranges' | 'drawId'>,
  firstGroup: number,
  groupCount: number,
): Promise<TallyOutput> {
  const start = performance.now();
  await requireSelfTest(engine);
  const job: SamplingJob = {
    ...request,
    drawId: 0,
    ranges: everyPrompt(request.problem, firstGroup, groupCount),
  };
  const tokens = request.problem.prompts.length * groupCount * request.groupSize * request.problem.horizon;
  const progress = new Progress('tally');
  const tallies = await collectTallies(engine, job, (event) => {
    if (event.kind === 'progress') progress.show('sampling', event.tokenCount, tokens);
  });
  progress.clear();
  return {
    ...(await tallyFile(job, firstGroup, groupCount, tallies)),
    run: {
      engine: engineReport(engine.environment, (await engine.verification?.()) ?? null),
      environment: engine.environment,
      timings: engine.timings(),
      durationMs: performance.now() - start,
    },
  };
}

interface TallyFlags extends HostFlags {
  readonly problem: string;
  readonly groupSize: string;
  readonly groups: string;
  readonly seed: string;
  readonly firstGroup: string;
  readonly level: string;
}

export function addTally(program: Command, tools: Tools): void {
  const command = program
    .command('tally')
    .description('samples groups and prints their exact counts (passk-tally@1)')
    .addOption(problemFlag())
    .requiredOption('--group-size <n>', 'trajectories in a group')
    .requiredOption('--groups <count>', 'groups of each prompt')
    .requiredOption('--seed <seed>', '0 .. 2^53 - 1')
    .option('--first-group <index>', 'index of the first group', '0')
    .option('--level <level>', LEVELS.join(', '), 'full')
    .option('--json', 'print JSON (the default)');
  addHostOptions(command).action(async (flags: TallyFlags) => {
    const firstGroup = readInteger(flags.firstGroup, '--first-group', 0, MAX_GROUP_INDEX - 1);
    const groupCount = readInteger(flags.groups, '--groups', 1, MAX_GROUP_INDEX - firstGroup);
    const request = {
      groupSize: readInteger(flags.groupSize, '--group-size', 1, MAX_GROUP_SIZE),
      seed: readInteger(flags.seed, '--seed', 0, MAX_SEED),
      level: readChoice(flags.level, '--level', LEVELS),
      problem: readProblem(flags.problem),
    };
    const engine = await tools.lifetime.hold(() => tools.openHost(hostChoice(flags), tools.say));
    const output = await runTally(engine, request, firstGroup, groupCount);
    printJson(output);
    const { differences, missing } = output.run.engine;
    for (const difference of differences) tools.say(`passk-bench: engines differ: ${difference}`);
    if (missing !== null) tools.say(`passk-bench: no WGSL was exercised: ${printable(missing, 300)}`);
    if (differences.length > 0) tools.exit(EXIT.disagrees);
  });
}
