/** What speaks of all experiments at once: families of checks and deliberate mistakes, worded once. */
import { formatCount, formatNumber } from '../../view/format.ts';
import { table, type Table } from '../../view/section.ts';
import { REQUIRED_POWER } from '../controls.ts';
import type { ExperimentResults } from './experiments.ts';
import { controlsOf, familiesOf, type EngineReport } from './report.ts';

/** Tables of what was judged and what was tried; none where nothing was. */
export function checkTables(results: ExperimentResults): Table[] {
  const families = familiesOf(results);
  const controls = controlsOf(results);
  return [
    ...(families.length === 0
      ? []
      : [
          table(
            'Checks by family; all together raise a false alarm in one honest run of 1000',
            ['question', 'comparisons', 'smallest p <=', 'rejected'],
            families.map(({ question, comparisons, smallestPValue, rejected }) => [
              question,
              String(comparisons),
              comparisons === 0 ? 'n/a' : formatNumber(smallestPValue),
              comparisons === 0 ? 'not run' : rejected === 0 ? 'none' : `${rejected} REJECTED`,
            ]),
          ),
        ]),
    ...(controls.length === 0
      ? []
      : [
          table(
            'Deliberate mistakes that must be seen',
            ['mistake', 'power', 'p', 'seen'],
            controls.map(({ description, power, pValue, flagged }) => [
              description,
              power >= REQUIRED_POWER ? '>0.999999' : power.toFixed(6),
              formatNumber(pValue),
              flagged ? 'yes' : power >= REQUIRED_POWER ? 'NO' : 'no power',
            ]),
          ),
        ]),
  ];
}

/** What another engine checked, or why none did; null where none was asked to. */
export function checkedLine({
  checkedOnGpu,
  checkedOnCpu,
  missing,
  differences,
}: EngineReport): string | null {
  const part = checkedOnGpu ?? checkedOnCpu;
  const where = checkedOnGpu ? 'WebGPU' : 'the CPU engine';
  const lines = [
    ...(part && part.jobs > 0
      ? [
          `${formatCount(part.groups)} groups of ${part.jobs} sampling jobs counted alike on ${where} (${part.adapter})`,
        ]
      : []),
    ...(part && part.steps.length > 0
      ? [`Training steps held against the twin on both: ${part.steps.join(', ')}`]
      : []),
    ...(missing === null
      ? []
      : [`${part && part.jobs > 0 ? 'Not all was checked' : 'No WGSL was exercised'}: ${missing}`]),
    ...differences.map((difference) => `ENGINES DIFFER: ${difference}`),
  ];
  return lines.length > 0 ? lines.join('\n') : null;
}
