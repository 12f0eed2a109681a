/** The board: a claim is a row, the row chooses the chart beside it, a run replaces rows in place. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { pageOf, type ClaimPage } from '../../lab/suite/claimPages.ts';
import type { Claim } from '../../lab/suite/claims.ts';
import { chooseClaim, chosenClaim, rows, type Row } from '../state/board.ts';
import { Chip } from './chip.tsx';
import { certainty, ClaimChart, sentenceOf } from './claimChart.tsx';
import { openClaim } from './claimSections.tsx';
import { Words } from './words.tsx';

/** Below it the chart opens under its row. */
const NARROW = '(max-width: 899px)';

export function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const list = matchMedia(NARROW);
    const follow = (): void => setNarrow(list.matches);
    list.addEventListener('change', follow);
    return () => list.removeEventListener('change', follow);
  }, []);
  return isNarrow;
}

export function Board(): JSX.Element {
  const isNarrow = useNarrow();
  const list = useRef<HTMLDivElement>(null);
  const chosen = chosenClaim.value;
  const all = rows.value;
  const move = (event: KeyboardEvent): void => {
    // On a phone the chart stands among the rows: its keys are its own.
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute('role') !== 'radio') return;
    const index = all.findIndex(({ claim }) => claim.id === chosen);
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowDown: index + 1, ArrowRight: index + 1, ArrowUp: index - 1, ArrowLeft: index - 1 },
      ...{ Home: 0, End: all.length - 1 },
    };
    if (event.key === 'Enter') {
      event.preventDefault();
      openClaim(chosen);
      return;
    }
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = all[(steps[event.key] + all.length) % all.length].claim.id;
    chooseClaim(next);
    list.current?.querySelector<HTMLElement>(`[data-claim="${next}"]`)?.focus();
  };
  const papers = all.filter(({ claim }) => claim.source.startsWith('Yu'));
  const ours = all.filter((row) => !papers.includes(row));
  const group = (title: string, own: readonly Row[]): JSX.Element => (
    <>
      <div class="board-head">
        <span>{title}</span>
        <span>verdict</span>
        <span>decided</span>
      </div>
      {own.map((row) => (
        <BoardRow key={row.claim.id} row={row} isChosen={row.claim.id === chosen} isNarrow={isNarrow} />
      ))}
    </>
  );
  return (
    <>
      <div class="board" role="radiogroup" aria-label="Claims" ref={list} onKeyDown={move}>
        {group('What the paper claims', papers)}
        {group('What the laboratory adds', ours)}
      </div>
      {!isNarrow && <LeadChart />}
    </>
  );
}

function BoardRow({
  row: { claim, source, sourceWords },
  isChosen,
  isNarrow,
}: {
  readonly row: Row;
  readonly isChosen: boolean;
  readonly isNarrow: boolean;
}): JSX.Element {
  const page = pageOf(claim.id);
  return (
    <>
      <div
        class="board-row"
        role="radio"
        aria-checked={isChosen}
        tabIndex={isChosen ? 0 : -1}
        data-claim={claim.id}
        data-source={source}
        title={`${claim.title}: ${claim.words}`}
        onClick={() => chooseClaim(claim.id)}
      >
        <span class="place">{page.place}</span>
        <span class="name">{page.name}</span>
        <span class="brief">
          <Words>{claim.brief}</Words>
        </span>
        <Chip verdict={claim.verdict} />
        <Count claim={claim} />
        <span class={claim.rejected > 0 ? 'source rejected' : 'source'}>
          {claim.rejected > 0 ? `${claim.rejected} disagree` : sourceWords}
        </span>
      </div>
      {isChosen && isNarrow && <LeadChart />}
    </>
  );
}

function Count({ claim: { kind, decided, total } }: { readonly claim: Claim }): JSX.Element {
  if (total === 0) return <span class="of">–</span>;
  const share = Math.round((100 * decided) / total);
  return (
    <span class="of">
      <span>
        <b>{decided.toLocaleString('en')}</b> of {total.toLocaleString('en')}
        {kind === 'proved' ? ', proved' : ''}
      </span>
      <progress value={share} max={100} aria-label={`${share} % decided`} />
    </span>
  );
}

function LeadChart(): JSX.Element {
  const row = rows.value.find(({ claim }) => claim.id === chosenClaim.value) ?? rows.value[0];
  const page: ClaimPage = pageOf(row.claim.id);
  return (
    <section class="lead-chart" aria-label={`Chart of claim ${page.place}`}>
      <p class="lead-source">
        {row.claim.source} <Chip verdict={row.claim.verdict} />
      </p>
      <h2>
        <Words>{sentenceOf(row.claim.title)}</Words>
      </h2>
      <p class="law">
        <Words>{row.claim.formula}</Words>
      </p>
      <ClaimChart page={page} index={0} />
      <p class="how-sure">
        <b>How sure.</b> <Words>{`${sentenceOf(row.claim.words)}. ${certainty(row.claim)}`}</Words>{' '}
        <button type="button" class="link" onClick={() => openClaim(row.claim.id)}>
          Method and numbers
        </button>
      </p>
    </section>
  );
}
