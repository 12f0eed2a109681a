/** What speaks of all experiments at once: families of checks and deliberate mistakes, worded once. */
import { formatNumber } from '../../view/format.ts';
import { table, type Table } from '../../view/section.ts';
import { REQUIRED_POWER } from '../controls.ts';
import type { ExperimentResults } from './experiments.ts';
import { controlsOf, familiesOf } from './report.ts';

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
