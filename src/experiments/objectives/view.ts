/** Every objective on the same workload: curves of its choice, and a final table. */
import { charted, cutShort, figurePart, sentence, table, type Section } from '../../view/section.ts';
import { leftOut } from '../../lab/trainedTables.ts';
import { objectivesFigure, objectivesShown } from './figures.ts';
import type { ObjectivesResult } from './result.ts';
import type { Band } from '../../math/stats/quantiles.ts';

const TITLE = 'What does each objective do to pass@1, pass@k, entropy and modes?';
const bandText = ({ median, low, high }: Band, digits: number): string =>
  `${median.toFixed(digits)} (${low.toFixed(digits)} – ${high.toFixed(digits)})`;

export function objectivesView(result: ObjectivesResult): Section {
  const { workloads, findings, notDefined, description } = result;
  if (workloads.every(({ curves }) => curves.length === 0)) return cutShort(TITLE);
  const numbers = workloads.map(({ id, description: words, curves, k, modeCount, target }) =>
    table(
      `${id} (${words}): median at the end, and the middle 80 % of replicas`,
      [
        'objective',
        'pass@1',
        `pass@${k}`,
        'entropy (nats)',
        `modes kept of ${modeCount}`,
        `steps to pass@1 ${target}`,
        'trajectories until then',
      ],
      curves.map(({ objective, points, stepsToTarget, samplesToTarget }) => {
        const end = points[points.length - 1];
        return [
          objective,
          bandText(end.passAt1, 3),
          bandText(end.passAtK, 3),
          bandText(end.entropy, 2),
          bandText(end.modes, 1),
          stepsToTarget === null ? '–' : String(stepsToTarget),
          samplesToTarget === null ? '–' : String(samplesToTarget),
        ];
      }),
    ),
  );
  return charted(
    TITLE,
    [
      `${description}. Lines join medians over replicas, bars hold the middle 80 %.`,
      ...findings.map(sentence),
      ...leftOut(notDefined).map(sentence),
    ],
    figurePart(objectivesFigure, objectivesShown(result)),
    numbers,
  );
}

export function objectivesSummary({
  workloads,
  findings,
  description,
  notDefined,
}: ObjectivesResult): Section {
  const names = workloads.at(0)?.curves.map(({ objective }) => objective) ?? [];
  const ends = table(
    '',
    [
      'objective',
      ...workloads.flatMap(({ id, k, modeCount }) => [
        `${id} pass@1`,
        `pass@${k}`,
        'entropy',
        `modes/${modeCount}`,
        'steps',
      ]),
    ],
    names.map((name) => [
      name,
      ...workloads.flatMap(({ curves }) => {
        const curve = curves.find(({ objective }) => objective === name);
        const end = curve?.points.at(-1);
        if (!curve || !end) return ['-', '-', '-', '-', '-'];
        return [
          end.passAt1.median.toFixed(3),
          end.passAtK.median.toFixed(3),
          end.entropy.median.toFixed(2),
          end.modes.median.toFixed(1),
          curve.stepsToTarget === null ? '-' : String(curve.stepsToTarget),
        ];
      }),
    ]),
  );
  return {
    title: `Objectives (${description}): medians at the end, modes kept, steps to pass@1 ${workloads.at(0)?.target ?? ''}`,
    parts: [
      ...(names.length > 0 ? [ends] : []),
      ...findings.map((finding) => `${finding}.`),
      ...leftOut(notDefined).map((line) => `${line}.`),
    ],
  };
}
