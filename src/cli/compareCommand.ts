/** `compare`: two reports held against each other (lab/suite/compare.ts). */
import type { Command } from 'commander';
import { parseJson } from '../input/schema.ts';
import { compareReports, comparisonText, readReport } from '../lab/suite/compare.ts';
import { DEFAULT_NOISE } from '../lab/suite/compareTimes.ts';
import { readNumber } from '../input/textInput.ts';
import { EXIT } from './exit.ts';
import { fileName, readText } from './files.ts';
import { printJson, printText } from './output.ts';
import type { Tools } from './tools.ts';

interface CompareFlags {
  readonly json?: true;
  readonly noise: string;
  readonly failOnSlower?: true;
}

export function addCompare(program: Command, tools: Tools): void {
  program
    .command('compare')
    .description('two reports of one configuration: equal tallies, no worse verdicts; and their times')
    .argument('<a>', 'the earlier report')
    .argument('<b>', 'the later report')
    .option('--json', 'print JSON')
    .option('--noise <percent>', 'by how much equal runs may differ in time', String(100 * DEFAULT_NOISE))
    .option('--fail-on-slower', 'exit with 1 where a time got worse by more than that, too')
    .action((pathA: string, pathB: string, flags: CompareFlags) => {
      const noise = readNumber(flags.noise, '--noise', 0, 1000) / 100;
      const [a, b] = [pathA, pathB].map((path) => {
        const name = fileName(path);
        return { name, report: readReport(parseJson(readText(path, 'compare'), name), name) };
      });
      const comparison = compareReports(a.report, b.report, a.name, b.name, noise);
      if (flags.json) printJson(comparison);
      else printText(comparisonText(comparison));
      const slowerCount = comparison.times?.filter(({ verdict }) => verdict === 'slower').length ?? 0;
      const isTooSlow = flags.failOnSlower === true && slowerCount > 0;
      // The last word is why it fails; tallies and verdicts had theirs.
      if (isTooSlow && !flags.json)
        printText(`SLOWER: ${slowerCount} of the times got worse (--fail-on-slower).`);
      if (comparison.regressions.length > 0 || isTooSlow) tools.exit(EXIT.disagrees);
    });
}
