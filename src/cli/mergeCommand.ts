/** `merge`: the tally of a union of ranges. */
import type { Command } from 'commander';
import { mergeTallyFiles, readTallyFile } from '../engine/tallyFile.ts';
import { parseJson } from '../input/schema.ts';
import { fileName, readText } from './files.ts';
import { printJson } from './output.ts';

export function addMerge(program: Command): void {
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
