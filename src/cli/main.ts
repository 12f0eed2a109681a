/**
 * The command line: reads as its table of contents. Exit codes (contract): 0 nothing disagrees, 1 something does,
 * 2 bad input, 3 no usable GPU, 4 GPU or browser lost and not recovered; 130 after Ctrl-C, as shells have it.
 */
import { Command, CommanderError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { flagName, readConfig, SETTING_NAMES, settings, type SettingName } from '../lab/settings.ts';
import { EXPERIMENT_NAMES, EXPERIMENTS } from '../lab/suite/experiments.ts';
import { countVerdicts, verdictsOf } from '../lab/suite/report.ts';
import { NoGpuError } from '../engine/gpu/adapter.ts';
import { MAX_GROUP_SIZE } from '../engine/sampler.ts';
import { HostLostError } from '../engine/resilientEngine.ts';
import { LEVELS } from '../engine/tally.ts';
import { mergeTallyFiles, readTallyFile } from '../engine/tallyFile.ts';
import { InputError, printable } from '../input/inputError.ts';
import { parseJson } from '../input/schema.ts';
import { readChoice, readInteger } from '../input/textInput.ts';
import { WORKLOADS } from '../problem/workloads.ts';
import { MAX_GROUP_INDEX, MAX_SEED } from '../math/random/stream.ts';
import { compareReports, comparisonText, readReport } from './compareCommand.ts';
import {
  addEstimators,
  addIdentify,
  addTheory,
  addWeights,
  completeTables,
  conventionFlag,
  missingFlag,
  ownFlag,
  readOwnFile,
} from './exactCommands.ts';
import { addDiagnose } from './diagnoseCommand.ts';
import { fileName, readProblem, readText } from './files.ts';
import { servePage } from '../../bench/browser/serve.ts';
import { generateProblem, type GenerateFlags } from './generateCommand.ts';
import { openHost, type HostChoice } from '../../bench/hosts.ts';
import { printJson, printText, say } from './output.ts';
import { saveFile } from './results.ts';
import { runCommand } from './runCommand.ts';
import { runTally } from './tallyCommand.ts';

const EXIT = { agrees: 0, disagrees: 1, badInput: 2, noGpu: 3, lost: 4, interrupted: 130 } as const;

export interface MainTools {
  readonly buildPage: () => Promise<string>;
}

/** @param args without node and script @returns the exit code */
export async function main(args: readonly string[], tools: MainTools): Promise<number> {
  let exitCode: number = EXIT.agrees;
  const program = commands({ ...tools, say }, (code) => (exitCode = code));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.agrees : EXIT.badInput;
    say(`passk-bench: ${printable(error instanceof Error ? error.message : String(error), 1000)}`);
    if (error instanceof InputError) return EXIT.badInput;
    if (error instanceof NoGpuError) return EXIT.noGpu;
    if (error instanceof HostLostError) return EXIT.lost;
    return EXIT.disagrees;
  }
}

type Tools = MainTools & { readonly say: (line: string) => void };

function commands(tools: Tools, setExit: (code: number) => void): Command {
  const program = new Command('passk-bench')
    .description('A laboratory for pass@k policy gradients: WebGPU samples, exact theory checks.')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(
          `${printable(
            text
              .trim()
              .replace(/^error: /, 'passk-bench: ')
              .replaceAll('\n', ' '),
            600,
          )}\n`,
        ),
    });
  addRun(program, tools, setExit);
  addTheory(program);
  addWeights(program);
  addIdentify(program, () => setExit(EXIT.disagrees));
  addEstimators(program);
  addDiagnose(program);
  addTally(program, tools);
  addMerge(program);
  addCompare(program, setExit);
  addGenerate(program);
  addServe(program, tools);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  return program;
}

function addRun(program: Command, tools: Tools, setExit: (code: number) => void): void {
  const command = program
    .command('run')
    .description(`runs the suite: ${EXPERIMENT_NAMES.join(', ')}`)
    .argument('[experiment...]', 'some of them; all where none is named')
    .option('--out <folder>', 'where the report file goes', 'results')
    .option('--strict', 'exit with 1 where anything is inconclusive')
    .addOption(ownFlag())
    .addOption(conventionFlag())
    .addOption(missingFlag())
    .option('--json', 'print the report instead of the summary');
  for (const name of SETTING_NAMES) {
    command.option(`--${flagName(name)} <value>`, settings[name].help);
  }
  addHostOptions(command).action(async (names: string[], flags: RunFlags) => {
    const experiments = names.map((name) => readChoice(name, 'experiment', EXPERIMENT_NAMES));
    const host = hostChoice(flags);
    const users = EXPERIMENTS.filter(({ estimators }) => estimators === 'and own').map(({ name }) => name);
    if (
      flags.estimatorFile !== undefined &&
      experiments.length > 0 &&
      !users.some((name) => experiments.includes(name))
    ) {
      throw new InputError(
        '--estimator-file',
        `one of ${users.join(', ')} among the experiments that run: no other uses it`,
        experiments.join(', '),
        'add one',
      );
    }
    const report = await runCommand(
      {
        experiments: experiments.length > 0 ? experiments : EXPERIMENT_NAMES,
        config: readConfig(
          Object.fromEntries(
            SETTING_NAMES.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
          ),
        ),
        out: flags.out,
        output: flags.json ? 'json' : 'summary',
        strictness: flags.strict ? 'strict' : 'lenient',
        version: packageJson.version,
        own: flags.estimatorFile === undefined ? [] : completeTables(readOwnFile(flags.estimatorFile, flags)),
      },
      () => openHost(host, tools),
      tools.say,
    );
    const open = countVerdicts(verdictsOf(report), 'inconclusive');
    if (report.outcome === 'incomplete') setExit(EXIT.interrupted);
    else if (report.outcome === 'disagrees' || (flags.strict && open > 0)) setExit(EXIT.disagrees);
  });
}

type RunFlags = HostFlags &
  Partial<Record<SettingName, string>> & {
    readonly out: string;
    readonly estimatorFile?: string;
    readonly convention: string;
    readonly missing: string;
    readonly strict?: true;
    readonly json?: true;
  };

const problemFlag = (): Option =>
  new Option('--problem <file>', 'problem file (passk-problem@1)').makeOptionMandatory();

interface HostFlags {
  readonly engine: string;
  readonly runtime: string;
  readonly adapter: string;
  readonly workgroupSize?: string;
  readonly submitMs?: string;
}

/** The flags that say where to sample. */
function addHostOptions(command: Command): Command {
  return command
    .option('--engine <engine>', 'gpu, or cpu: the bit-identical TypeScript twin', 'gpu')
    .option(
      '--runtime <runtime>',
      'where the GPU is: chromium, or node (optional package webgpu)',
      'chromium',
    )
    .option('--adapter <kind>', 'auto, hardware or software', 'auto')
    .addOption(new Option('--workgroup-size <n>', 'threads of a workgroup; results do not depend on it'))
    .addOption(new Option('--submit-ms <ms>', 'aim of one submission; results do not depend on it'));
}

function hostChoice(flags: HostFlags): HostChoice {
  return {
    engine: readChoice(flags.engine, '--engine', ['gpu', 'cpu']),
    runtime: readChoice(flags.runtime, '--runtime', ['chromium', 'node']),
    adapter: readChoice(flags.adapter, '--adapter', ['auto', 'hardware', 'software']),
    options: {
      ...(flags.workgroupSize !== undefined
        ? { workgroupSize: readInteger(flags.workgroupSize, '--workgroup-size', 1, 256) }
        : {}),
      ...(flags.submitMs !== undefined
        ? { submitMs: readInteger(flags.submitMs, '--submit-ms', 1, 1000) }
        : {}),
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

function addTally(program: Command, tools: Tools): void {
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
    const sampler = await openHost(hostChoice(flags), tools);
    try {
      printJson(await runTally(sampler, request, firstGroup, groupCount));
    } finally {
      await sampler.close();
    }
  });
}

function addMerge(program: Command): void {
  program
    .command('merge')
    .description('the tally of the union of disjoint ranges of groups')
    .argument('<files...>', 'tallies of one problem, seed, group size and level')
    .option('--json', 'print JSON (the default)')
    .action(async (paths: string[]) => {
      const files = [];
      for (const path of paths) {
        const name = fileName(path);
        files.push({ name, file: await readTallyFile(parseJson(readText(path, 'merge'), name), name) });
      }
      printJson(await mergeTallyFiles(files));
    });
}

function addCompare(program: Command, setExit: (code: number) => void): void {
  program
    .command('compare')
    .description('two reports of one configuration: equal tallies, no worse verdicts')
    .argument('<a>', 'the earlier report')
    .argument('<b>', 'the later report')
    .option('--json', 'print JSON')
    .action((pathA: string, pathB: string, flags: { json?: true }) => {
      const [a, b] = [pathA, pathB].map((path) => {
        const name = fileName(path);
        return { name, report: readReport(parseJson(readText(path, 'compare'), name), name) };
      });
      const comparison = compareReports(a.report, b.report, a.name, b.name);
      if (flags.json) printJson(comparison);
      else printText(comparisonText(comparison));
      if (comparison.regressions.length > 0) setExit(EXIT.disagrees);
    });
}

function addGenerate(program: Command): void {
  program
    .command('generate')
    .description('a built-in workload as a problem file')
    .argument('<workload>', WORKLOADS.join(', '))
    .option('--vocab <v>', 'tokens', '6')
    .option('--horizon <t>', 'positions', '1')
    .option('--context <kind>', 'none or previous', 'none')
    .option('--prompts <count>', 'prompts', '8')
    .option('--success-prob <p>', "J1 of every prompt, or 'low..high': evenly spaced in logit", '1e-3..0.999')
    .option('--seed <seed>', 'of the random rows', '1')
    .option('--correct-arms <count>', 'bandit: arms 0 .. count - 1 are correct', '2')
    .option('--modulus <m>', 'sum: correct where the tokens add up to the residue', '3')
    .option('--residue <r>', 'sum: see --modulus', '1')
    .option('--masses <mass,...>', "modes: the modes' masses relative to each other", '3,1')
    .option('--save <file>', 'write it there instead of printing it')
    .action((workload: string, flags: GenerateFlags & { readonly save?: string }) => {
      const text = `${JSON.stringify(generateProblem(workload, flags))}\n`;
      if (flags.save === undefined) process.stdout.write(text);
      else saveFile(flags.save, '--save', text);
    });
}

function addServe(program: Command, tools: Tools): void {
  program
    .command('serve')
    .description('serves the page on 127.0.0.1 (npm start)')
    .option('--port <port>', '0 for any free one', '8123')
    .action(async (flags: { port: string }) => {
      const port = readInteger(flags.port, '--port', 0, 65535);
      const folder = await tools.buildPage();
      const server = await servePage(folder, port).catch((error: unknown) => {
        throw new InputError(
          '--port',
          'a free port',
          `${port} (${error instanceof Error ? error.message : String(error)})`,
          'name another',
        );
      });
      process.stdout.write(`passk-bench is at ${server.url} (Ctrl-C ends it)\n`);
      await new Promise<void>((resolve) => {
        const keepAlive = setInterval(() => undefined, 60_000);
        process.once('SIGINT', () => {
          clearInterval(keepAlive);
          server.close();
          resolve();
        });
      });
    });
}
