/** A section a claim: the answer, the chart, how sure; then folds of numbers, method, and what would refute it. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { CLAIM_PAGES, type ClaimPage } from '../../lab/suite/claimPages.ts';
import type { Claim, ClaimId } from '../../lab/suite/claims.ts';
import { ChartTable, useChoice } from '../chart/figure.tsx';
import { rows, shown } from '../state/board.ts';
import { Chip } from './chip.tsx';
import { certainty, ClaimChart, sentenceOf } from './claimChart.tsx';
import { Fold } from './fold.tsx';
import { Words } from './words.tsx';

const openClaims = signal<ReadonlySet<ClaimId>>(new Set());

const setOpen = (id: ClaimId, isOpen: boolean): void => {
  const next = new Set(openClaims.value);
  if (isOpen) next.add(id);
  else next.delete(id);
  openClaims.value = next;
};

/** Opens a claim's section and goes there. */
export function openClaim(id: ClaimId): void {
  setOpen(id, true);
  history.replaceState(null, '', `#claim-${id}`);
  requestAnimationFrame(() => {
    const section = document.getElementById(`claim-${id}`);
    section?.scrollIntoView({ block: 'start' });
    section?.querySelector<HTMLElement>('summary')?.focus({ preventScroll: true });
  });
}

/** "#claim-cost" opens it. */
export function openFromHash(): void {
  const id = CLAIM_PAGES.find((page) => location.hash === `#claim-${page.id}`)?.id;
  if (id) openClaim(id);
}

export function ClaimSections(): JSX.Element {
  return (
    <section id="claims" aria-labelledby="claims-title">
      <h2 id="claims-title">Claim by claim</h2>
      <p class="lede">
        The answer, the chart, how sure; then the numbers, the method, and what would refute it.
      </p>
      <div class="claim-folds">
        {CLAIM_PAGES.map((page) => {
          const claim = rows.value.find((row) => row.claim.id === page.id)?.claim;
          return claim && <ClaimFold key={page.id} page={page} claim={claim} />;
        })}
      </div>
    </section>
  );
}

function ClaimFold({ page, claim }: { readonly page: ClaimPage; readonly claim: Claim }): JSX.Element {
  return (
    <Fold
      id={`claim-${page.id}`}
      isOpen={openClaims.value.has(page.id)}
      onToggle={(isOpen) => setOpen(page.id, isOpen)}
      title={
        <>
          <span class="place">{page.place}</span> {page.name} <Chip verdict={claim.verdict} />
        </>
      }
    >
      {() => (
        <div class="claim">
          <div class="claim-words">
            <p class="claim-answer">
              <Words>{`${sentenceOf(claim.title)}: ${claim.words}.`}</Words>
            </p>
            <p class="law">
              <Words>{claim.formula}</Words> <small>({claim.source})</small>
            </p>
            <p class="how-sure">
              <b>How sure.</b> <Words>{certainty(claim)}</Words>
            </p>
          </div>
          <div class="claim-charts">
            {page.figures.map((figure, index) => (
              <ClaimChart key={figure.id} page={page} index={index} prefix={`${page.id}-`} />
            ))}
          </div>
          <div class="claim-more">
            <Fold title="Numbers">{() => <Numbers page={page} />}</Fold>
            <Fold title="How it was measured">
              {() => (
                <p>
                  <Words>{page.method}</Words>
                </p>
              )}
            </Fold>
            <Fold title="What would refute it">
              {() => (
                <p>
                  <Words>{page.refutedBy}</Words>
                </p>
              )}
            </Fold>
          </div>
        </div>
      )}
    </Fold>
  );
}

function Numbers({ page }: { readonly page: ClaimPage }): JSX.Element {
  return (
    <>
      {page.figures.map((figure) => (
        <FigureNumbers key={figure.id} figure={figure} />
      ))}
      <p class="quiet">
        The tables follow the charts’ choices; every number of a run is in the appendix and in its report.
      </p>
    </>
  );
}

function FigureNumbers({ figure }: { readonly figure: ClaimPage['figures'][number] }): JSX.Element | null {
  const data = shown.value;
  const choosers = useMemo(() => figure.choosers(data), [figure, data]);
  const choice = useChoice(figure.id, choosers);
  const key = JSON.stringify(choice);
  const chart = useMemo(() => figure.draw(data, choice), [figure, data, key]);
  return chart && <ChartTable chart={chart} />;
}
