/** `compare`: two reports held against each other (lab/suite/compare.ts). */
import type { Command } from 'commander';
import { parseJson } from '../input/schema.ts';
import { compareReports, comparisonText, readReport } from '../lab/suite/compare.ts';
import { EXIT } from './exit.ts';
import { fileName, readText } from './files.ts';
import { printJson, printText } from './output.ts';
import type { Tools } from './tools.ts';

export function addCompare(program: Command, tools: Tools): void {
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
      if (comparison.regressions.length > 0) tools.exit(EXIT.disagrees);
    });
}
