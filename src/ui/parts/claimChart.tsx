/** A claim's charts, drawn from the run that is shown, another laid over it where one is chosen. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { ClaimPage } from '../../lab/suite/claimPages.ts';
import type { Claim } from '../../lab/suite/claims.ts';
import { ChartFigure, useChoice } from '../chart/figure.tsx';
import { overlaid, shown } from '../state/board.ts';

const KIND_WORDS: Readonly<Record<Claim['kind'], string>> = {
  sampled:
    'A check counts as decided where a deviation of 10 % would have been seen with a chance of 95 %; all checks of a run together ' +
    'raise a false alarm in one of 1000.',
  enumerated: 'Every case is computed exactly: nothing is sampled.',
  proved: 'Proved for every policy, and computed in the cases counted.',
};

/** How many of its checks are decided, and what that means. */
export function certainty({ kind, decided, total, rejected }: Claim): string {
  if (total === 0) return 'Nothing was checked.';
  const counted =
    kind === 'sampled'
      ? `${decided} of ${total} checks are decided, ${rejected === 0 ? 'none disagrees' : `${rejected} disagree`}.`
      : `${decided} of ${total} cases.`;
  return `${counted} ${KIND_WORDS[kind]}`;
}

export const sentenceOf = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;

/** @param index which of the claim's figures */
export function ClaimChart({
  page,
  index,
  prefix = '',
}: {
  readonly page: ClaimPage;
  readonly index: number;
  readonly prefix?: string;
}): JSX.Element | null {
  const figure = page.figures[index];
  const data = shown.value;
  const other = overlaid.value?.run.digest.shown;
  const choosers = useMemo(() => figure.choosers(data), [figure, data]);
  const choice = useChoice(figure.id, choosers);
  const key = JSON.stringify(choice);
  const chart = useMemo(() => figure.draw(data, choice), [figure, data, key]);
  const over = useMemo(() => (other ? figure.draw(other, choice) : null), [figure, other, key]);
  if (!chart) return <p class="quiet">This run has nothing to draw here: the experiment was not run.</p>;
  return (
    <ChartFigure
      id={`${prefix}${figure.id}`}
      address={figure.id}
      chart={chart}
      choosers={choosers}
      choice={choice}
      overlay={over}
    />
  );
}
