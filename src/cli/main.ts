/** The command line: reads as its table of contents. */
import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { NoGpuError } from '../engine/gpu/adapter.ts';
import { HostLostError } from '../engine/resilientEngine.ts';
import { InputError, printable } from '../input/inputError.ts';
import { SelfTestError } from '../lab/suite/suite.ts';
import { addCompare } from './compareCommand.ts';
import { addDiagnose } from './diagnoseCommand.ts';
import { addEstimators } from './estimatorsCommand.ts';
import { EXIT } from './exit.ts';
import { addGenerate } from './generateCommand.ts';
import { addGlossary } from './glossaryCommand.ts';
import { addIdentify } from './identifyCommand.ts';
import { addMerge } from './mergeCommand.ts';
import { InterruptedError, Lifetime } from './lifetime.ts';
import { flushOutput, guardOutputs, say } from './output.ts';
import { addRun } from './runCommand.ts';
import { addServe } from './serveCommand.ts';
import { addTally } from './tallyCommand.ts';
import { addTheory } from './theoryCommand.ts';
import type { MainTools, Tools } from './tools.ts';
import { addWeights } from './weightsCommand.ts';

/** @param args without node and script @returns the exit code */
export async function main(args: readonly string[], tools: MainTools): Promise<number> {
  guardOutputs();
  const lifetime = new Lifetime(say);
  lifetime.watch();
  let exitCode: number = EXIT.agrees;
  const program = commands({ ...tools, say, lifetime, exit: (code) => (exitCode = code) });
  try {
    await lifetime.within(program.parseAsync([...args], { from: 'user' }));
    await flushOutput();
  } catch (error) {
    exitCode = exitCodeOf(error, args);
  }
  await lifetime.end();
  return exitCode;
}

/** Says in one line what ended the command. */
function exitCodeOf(error: unknown, args: readonly string[]): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.agrees : EXIT.badInput;
  const message = printable(error instanceof Error ? error.message : String(error), 1000);
  const foreseen = FORESEEN.find(([kind]) => error instanceof kind);
  if (foreseen) {
    say(`passk-bench: ${message}`);
    return foreseen[1];
  }
  const isVerbose = args.includes('--verbose');
  say(
    `passk-bench: unforeseen error: ${message}; please report it to those you have passk-bench from, with what you typed` +
      (isVerbose ? '' : ' and what it prints with --verbose'),
  );
  if (isVerbose && error instanceof Error) say(error.stack ?? '');
  return EXIT.unforeseen;
}

const FORESEEN = [
  [InputError, EXIT.badInput],
  [NoGpuError, EXIT.noGpu],
  [HostLostError, EXIT.lost],
  [SelfTestError, EXIT.disagrees],
  [InterruptedError, EXIT.interrupted],
] as const;

/** Commands that wait for something, and so hear signals; all others compute from their start to their end. */
const PAUSING = new Set(['run', 'tally', 'diagnose', 'serve']);

function commands(tools: Tools): Command {
  const program = new Command('passk-bench')
    .description('A laboratory for pass@k policy gradients: WebGPU samples, exact theory checks.')
    .version(packageJson.version, '--version', 'print the version')
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
  addRun(program, tools);
  addTheory(program);
  addWeights(program);
  addIdentify(program, tools);
  addEstimators(program);
  addDiagnose(program);
  addTally(program, tools);
  addMerge(program);
  addCompare(program, tools);
  addGenerate(program);
  addGlossary(program);
  addServe(program, tools);
  program.hook('preAction', (_, command) => {
    // A handler would only be heard when the work is done; without one, a signal ends it as it ends any other program.
    if (!PAUSING.has(command.name())) tools.lifetime.unwatch();
  });
  for (const command of program.commands) {
    command
      .option('--verbose', 'where an unforeseen error happened')
      .exitOverride()
      .copyInheritedSettings(program);
  }
  return program;
}
