/** Pass@k of the initial and the trained policy over k. */
import { charted, cutShort, figurePart, sentence, table, type Section } from '../../view/section.ts';
import { formatShare } from '../../view/format.ts';
import { leftOut } from '../../lab/trainedTables.ts';
import { crossoverFigure, crossoverShown } from './figures.ts';
import type { CrossoverCurve, CrossoverResult } from './result.ts';

const TITLE = 'Does the policy before training win at large k?';
export function crossoverView(result: CrossoverResult): Section {
  const { workloads, curves, findings, notDefined, description, majorityReplicaCount } = result;
  const ids = workloads.map(({ id }) => id);
  const names = [...new Set(curves.map(({ objective }) => objective))];
  if (curves.length === 0) return cutShort(TITLE);
  const wins = ({ overtaken, overtakesAtK }: CrossoverCurve): string =>
    overtakesAtK
      ? `${Math.round(overtakesAtK.median)} (${Math.round(overtakesAtK.low)} – ${Math.round(overtakesAtK.high)}), in ${formatShare(overtaken)}`
      : `not up to k = 1024, in ${formatShare(overtaken)}`;
  const numbers = [
    table(
      'Least k at which the initial policy is ahead by half a point: median and middle 80 % of the replicas where it ever is, and their share (99.9 % interval)',
      ['trained with', ...ids],
      names.map((name) => [
        name,
        ...ids.map((id) => {
          const curve = curves.find(({ objective, workload }) => objective === name && workload === id);
          return curve ? wins(curve) : '–';
        }),
      ]),
    ),
    table(
      'The workloads',
      ['workload', 'what it is'],
      workloads.map(({ id, description: words }) => [id, words]),
    ),
  ];
  return charted(
    TITLE,
    [
      `${description}. Dashed the initial policy; solid trained ones, medians over replicas with the middle 80 %. ` +
        `A majority of k samples breaks ties evenly; it was computed for ${majorityReplicaCount} of the replicas.`,
      ...findings.map(sentence),
      ...leftOut(notDefined).map(sentence),
    ],
    figurePart(crossoverFigure, crossoverShown(result)),
    numbers,
  );
}

export function crossoverSummary({
  workloads,
  curves,
  findings,
  description,
  notDefined,
}: CrossoverResult): Section {
  const cell = (curve: CrossoverCurve | undefined): string =>
    curve
      ? `${curve.overtakesAtK ? Math.round(curve.overtakesAtK.median) : '-'} in ${formatShare(curve.overtaken)}`
      : '-';
  return {
    title: `Crossover (${description}):`,
    parts: [
      'least k up to 1024 at which the initial policy is ahead by half a point: median over the replicas',
      'in which it ever is, and their share (99.9 % interval)',
      table(
        '',
        ['trained with', ...workloads.map(({ id }) => id)],
        [...new Set(curves.map(({ objective }) => objective))].map((name) => [
          name,
          ...workloads.map(({ id }) =>
            cell(curves.find(({ objective, workload }) => objective === name && workload === id)),
          ),
        ]),
      ),
      ...findings.map((finding) => `${finding}.`),
      ...leftOut(notDefined).map((line) => `${line}.`),
    ],
  };
}
