/** `run`: the suite, its report file and its summary. */
import type { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { InputError } from '../input/inputError.ts';
import { readChoice } from '../input/textInput.ts';
import { flagName, readConfig, SETTING_NAMES, settings, type SettingName } from '../lab/settings.ts';
import { EXPERIMENT_NAMES, EXPERIMENTS } from '../lab/suite/experiments.ts';
import { countVerdicts, verdictsOf } from '../lab/suite/report.ts';
import { EXIT } from './exit.ts';
import {
  addHostOptions,
  completeTables,
  conventionFlag,
  hostChoice,
  missingFlag,
  ownFlag,
  readOwnFile,
  type HostFlags,
} from './flags.ts';
import { printJson, printText } from './output.ts';
import type { HostChoice, Tools } from './tools.ts';
import { cpus } from 'node:os';
import { join, relative } from 'node:path';
import { COLOURED, PLAIN, summaryText, type Place } from './render/summary.ts';
import { terminalSummary } from './render/terminal.ts';
import type { OverallProgress } from '../lab/watcher.ts';
import type { Report } from '../lab/suite/report.ts';
import type { Config } from '../lab/settings.ts';
import { runSuite, type SuiteWatcher } from '../lab/suite/suite.ts';
import type { ExperimentName } from '../lab/suite/experiments.ts';
import { HostLostError } from '../engine/resilientEngine.ts';
import type { WeightTable } from '../estimators/weightTables.ts';
import { RunBar } from './progress.ts';
import { readReporters, requireReporters, writeReporters, type Reporters } from './reporters/index.ts';
import { requireWritable, saveFile } from './results.ts';

export interface RunRequest {
  readonly experiments: readonly ExperimentName[];
  readonly config: Config;
  /** folder of the report file */
  readonly out: string;
  readonly output: 'json' | 'quiet' | 'usual' | 'verbose';
  /** whether what is inconclusive counts against the run */
  readonly strictness: 'strict' | 'lenient';
  readonly version: string;
  /** estimators from a file */
  readonly own: readonly WeightTable[];
  readonly reporters: Reporters;
}

async function runCommand(request: RunRequest, choice: HostChoice, tools: Tools): Promise<Report> {
  const { lifetime, say } = tools;
  requireWritable(request.out);
  requireReporters(request.reporters);
  const engine = await lifetime.hold(() => tools.openHost(choice, say));
  // The first signal ends a run in order, with a report of what is finished.
  lifetime.endInOrder();
  const bar = new RunBar();
  let overall: OverallProgress | null = null;
  const watcher: SuiteWatcher = {
    signal: lifetime.signal,
    onProgress: (progress) => {
      overall = progress.overall ?? null;
      if (overall) bar.show(overall, progress.stage);
    },
    onEnd: (experiment, seconds) => bar.ended(experiment, seconds, request.experiments.length, overall),
  };
  const facts = {
    versions: {
      'passk-bench': request.version,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      processor: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    },
  };
  const report = await runSuite(
    request.experiments,
    request.config,
    engine,
    watcher,
    facts,
    request.own,
  ).finally(() => bar.clear());
  if (request.output === 'json') printJson(report);
  else printText(summaryOf(report, request, tools.buildPage === null ? 'portable' : 'checkout'));
  writeReporters(request.reporters, report, request.output === 'json' ? say : printText);
  // What was found is printed whether or not it can be saved.
  const name = `report-${report.startedAt.replace(/[:.]/g, '-')}-${process.pid}.json`;
  const path = join(request.out, name);
  saveFile(path, '--out', `${JSON.stringify(report, null, 1)}\n`);
  say(`Report: ${relative(process.cwd(), path)}`);
  return report;
}

/** One screen, or with --verbose that and every section. */
function summaryOf(report: Report, { output, strictness }: RunRequest, place: Place): string {
  const hasColours =
    process.stdout.isTTY && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb';
  const amount = output === 'quiet' ? 'quiet' : 'usual';
  const paint = hasColours ? COLOURED : PLAIN;
  const summary = summaryText(report, { strictness, amount, paint, place });
  return output === 'verbose' ? `${terminalSummary(report, strictness)}\n\n${summary}` : summary;
}

export function addRun(program: Command, tools: Tools): void {
  const command = program
    .command('run')
    .description(`runs the suite: ${EXPERIMENT_NAMES.join(', ')}`)
    .argument('[experiment...]', 'some of them; all where none is named')
    .addHelpText(
      'after',
      ['\nExperiments:', ...EXPERIMENTS.map(({ name, question }) => `  ${name}: ${question}`)].join('\n'),
    )
    .option('--out <folder>', 'where the report file goes', 'results')
    .option('--strict', 'exit with 1 where anything is inconclusive')
    .addOption(ownFlag())
    .addOption(conventionFlag())
    .addOption(missingFlag())
    .option('--json', 'print the report instead of the summary')
    .option('--quiet', 'print the first three lines of the summary alone')
    .option(
      '--reporter <list>',
      'also write junit=FILE, markdown=FILE, github (annotations and step summary; on by itself in GitHub Actions), separated by commas',
      (text: string, before: string[]) => [...before, text],
      [],
    );
  for (const name of SETTING_NAMES) {
    // The setting's own name stays as an alias.
    const flags = `--${flagName(name)}${name === 'ks' ? ', --ks' : ''}`;
    command.option(`${flags} <value>`, settings[name].help);
  }
  addHostOptions(command, tools).action(async (names: string[], flags: RunFlags) => {
    const experiments = names.map((name) => readChoice(name, 'experiment', EXPERIMENT_NAMES));
    const host = hostChoice(flags, tools);
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
        output: flags.json ? 'json' : flags.verbose ? 'verbose' : flags.quiet ? 'quiet' : 'usual',
        strictness: flags.strict ? 'strict' : 'lenient',
        version: packageJson.version,
        reporters: readReporters(flags.reporter, process.env.GITHUB_ACTIONS === 'true'),
        own: flags.estimatorFile === undefined ? [] : completeTables(readOwnFile(flags.estimatorFile, flags)),
      },
      host,
      tools,
    );
    if (report.lost !== undefined) throw new HostLostError(report.lost);
    const open = countVerdicts(verdictsOf(report), 'inconclusive');
    if (report.outcome === 'incomplete') tools.exit(EXIT.interrupted);
    else if (report.outcome === 'disagrees' || (flags.strict && open > 0)) tools.exit(EXIT.disagrees);
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
    readonly quiet?: true;
    readonly reporter: readonly string[];
    readonly verbose?: true;
  };
