/** The command line: reads as its table of contents. */
import { Command, CommanderError } from 'commander';
import { NoGpuError } from '../engine/gpu/adapter.ts';
import { HostLostError } from '../engine/resilientEngine.ts';
import { InputError, printable } from '../input/inputError.ts';
import { addCompare } from './compareCommand.ts';
import { addDiagnose } from './diagnoseCommand.ts';
import { addEstimators } from './estimatorsCommand.ts';
import { EXIT } from './exit.ts';
import { addGenerate } from './generateCommand.ts';
import { addIdentify } from './identifyCommand.ts';
import { addMerge } from './mergeCommand.ts';
import { say } from './output.ts';
import { addRun } from './runCommand.ts';
import { addServe } from './serveCommand.ts';
import { addTally } from './tallyCommand.ts';
import { addTheory } from './theoryCommand.ts';
import type { MainTools, Tools } from './tools.ts';
import { addWeights } from './weightsCommand.ts';

/** @param args without node and script @returns the exit code */
export async function main(args: readonly string[], tools: MainTools): Promise<number> {
  let exitCode: number = EXIT.agrees;
  const program = commands({ ...tools, say, exit: (code) => (exitCode = code) });
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

function commands(tools: Tools): Command {
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
  addServe(program, tools);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  return program;
}
