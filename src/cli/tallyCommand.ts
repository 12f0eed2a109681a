/** `tally`: exact counts of a range of groups. */
import type { Command } from 'commander';
import { LEVELS } from '../engine/tally.ts';
import { readChoice, readInteger } from '../input/textInput.ts';
import {
  CLASS_SAMPLER_ID,
  MAX_GROUP_INDEX,
  MAX_SEED,
  SAMPLER_ID,
  SAMPLER_IDS,
  SLICED_SAMPLER_ID,
} from '../math/random/stream.ts';
import { InputError, printable } from '../input/inputError.ts';
import { EXIT } from './exit.ts';
import { readProblem } from './files.ts';
import { addHostOptions, hostChoice, problemFlag, type HostFlags } from './flags.ts';
import { printJson } from './output.ts';
import type { Tools } from './tools.ts';
import { collectTallies } from '../engine/collect.ts';
import type { Engine } from '../engine/engine.ts';
import {
  checkJob,
  everyPrompt,
  MAX_GROUP_SIZE,
  samplerId,
  type PlainSamplerId,
  type SamplingJob,
} from '../engine/sampler.ts';
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
  await requireSelfTest(engine, samplerId(request));
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
  readonly sampler: string;
  readonly given?: string;
}

/** @throws InputError where the engine asked for does not have the sampler */
function readSampler({ sampler, engine }: TallyFlags): PlainSamplerId {
  if (readChoice(sampler, '--sampler', SAMPLER_IDS) !== SLICED_SAMPLER_ID) return SAMPLER_ID;
  if (engine !== 'gpu' && engine !== 'twin')
    throw new InputError(
      '--engine',
      `gpu or twin, which have --sampler ${SLICED_SAMPLER_ID}`,
      engine,
      'add --engine gpu',
    );
  return SLICED_SAMPLER_ID;
}

/** @throws InputError where the sampler and the design do not go together */
function readGiven({ sampler, given }: TallyFlags, groupSize: number): number | undefined {
  const id = readChoice(sampler, '--sampler', SAMPLER_IDS);
  if (id === CLASS_SAMPLER_ID && given === undefined)
    throw new InputError(
      '--given',
      `0 .. ${groupSize}, as ${CLASS_SAMPLER_ID} asks for`,
      'nothing',
      'add --given',
    );
  if (given === undefined) return undefined;
  if (id !== CLASS_SAMPLER_ID)
    throw new InputError('--given', `--sampler ${CLASS_SAMPLER_ID}`, sampler, 'add it, or leave out --given');
  return readInteger(given, '--given', 0, groupSize);
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
    .option(
      '--sampler <id>',
      `${SAMPLER_ID}; ${CLASS_SAMPLER_ID}: trajectories given their outcome; ${SLICED_SAMPLER_ID}: 32 groups at once, small policies without context at level groups, with --engine gpu or twin`,
      SAMPLER_ID,
    )
    .option(
      '--given <c>',
      `with --sampler ${CLASS_SAMPLER_ID}: trajectories 1 .. c of each group are drawn from those that are correct, the rest from those that are wrong`,
    )
    .option('--json', 'print JSON (the default)');
  addHostOptions(command, tools).action(async (flags: TallyFlags) => {
    const firstGroup = readInteger(flags.firstGroup, '--first-group', 0, MAX_GROUP_INDEX - 1);
    const groupCount = readInteger(flags.groups, '--groups', 1, MAX_GROUP_INDEX - firstGroup);
    const groupSize = readInteger(flags.groupSize, '--group-size', 1, MAX_GROUP_SIZE);
    const given = readGiven(flags, groupSize);
    const sampler = readSampler(flags);
    const request = {
      groupSize,
      ...(given === undefined ? {} : { given }),
      ...(sampler === SAMPLER_ID ? {} : { sampler }),
      seed: readInteger(flags.seed, '--seed', 0, MAX_SEED),
      level: readChoice(flags.level, '--level', LEVELS),
      problem: readProblem(flags.problem),
    };
    // Before a browser is started for it.
    checkJob({ ...request, drawId: 0, ranges: everyPrompt(request.problem, firstGroup, groupCount) });
    const engine = await tools.lifetime.hold(() => tools.openHost(hostChoice(flags, tools), tools.say));
    const output = await runTally(engine, request, firstGroup, groupCount);
    printJson(output);
    const { differences, missing } = output.run.engine;
    for (const difference of differences) tools.say(`passk-bench: engines differ: ${difference}`);
    if (missing !== null) tools.say(`passk-bench: no WGSL was exercised: ${printable(missing, 300)}`);
    if (differences.length > 0) tools.exit(EXIT.disagrees);
  });
}
