/** Runs: kept in this browser, opened, laid over one another, saved, deleted. */
import type { JSX } from 'preact';
import { formatDuration } from '../../view/format.ts';
import { tableMarkdown } from '../../view/markdown.ts';
import { table } from '../../view/section.ts';
import { announce } from '../state/announce.ts';
import { overlaid, REFERENCE_RUN, shownRun, type ShownRun } from '../state/board.ts';
import { outcomeWords } from '../state/run.ts';
import { forget, openRun, overlay, runs } from '../state/runs.ts';
import { save } from '../chart/exportChart.ts';

/** The board of a run, for a pull request or a note. */
function markdownOf({ digest }: ShownRun): string {
  const { facts, claims } = digest;
  const rows = claims.map(({ title, verdict, decided, total, words }) => [
    title,
    verdict,
    total === 0 ? '–' : `${decided} of ${total}`,
    words,
  ]);
  return (
    `passk-bench ${facts.version}, ${facts.config.preset}, seed ${facts.config.seed}, ${facts.adapter}: ${facts.outcome}\n\n` +
    `${tableMarkdown(table('', ['claim', 'verdict', 'decided', 'found'], rows))}\n`
  );
}

const isSame = (a: ShownRun, b: ShownRun | undefined): boolean => a.kind === b?.kind && a.id === b.id;

export function Runs(): JSX.Element {
  const all = [REFERENCE_RUN, ...runs.value];
  const over = overlaid.value;
  return (
    <section id="runs" aria-labelledby="runs-title">
      <h2 id="runs-title">Runs</h2>
      <p class="lede">
        Kept in this browser. Lay one over the run that is shown, and every chart of what both have measured
        shows both.
      </p>
      <ul class="runs">
        {all.map((run) => (
          <RunRow key={`${run.kind} ${run.id}`} run={run} />
        ))}
      </ul>
      {over && (
        <p class="comparison" role="status">
          <b>Laid over: {nameOf(over.run)}.</b> {over.comparison}
          {/[.!?]$/.test(over.comparison) ? '' : '.'}{' '}
          <button type="button" class="link" onClick={() => (overlaid.value = null)}>
            take it off
          </button>
        </p>
      )}
    </section>
  );
}

const nameOf = (run: ShownRun): string =>
  run.kind === 'reference'
    ? 'Reference'
    : run.kind === 'file'
      ? run.name
      : new Date(run.digest.facts.startedAt).toLocaleString('en-GB', {
          dateStyle: 'medium',
          timeStyle: 'medium',
        });

function RunRow({ run }: { readonly run: ShownRun }): JSX.Element {
  const { facts } = run.digest;
  const { checks } = facts;
  const total = checks.agree + checks.disagree + checks.inconclusive + checks.outOfReach;
  const isShown = isSame(run, shownRun.value);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(markdownOf(run));
    announce('Copied as Markdown.');
  };
  return (
    <li class={isShown ? 'run shown' : 'run'}>
      <b>{nameOf(run)}</b>
      <span>
        {facts.config.preset}
        {facts.isPreset ? '' : '*'}, seed {facts.config.seed}, {facts.experiments.length} experiments
      </span>
      <span>
        {facts.engine}: {facts.adapter}
        {facts.software === null ? '' : facts.software ? ' (software)' : ' (hardware)'},{' '}
        {formatDuration(facts.durationMs)}
      </span>
      <span>
        {checks.agree + checks.disagree} of {total} decided, {outcomeWords(run)}
      </span>
      <span class="run-actions">
        {isShown ? (
          <i>shown</i>
        ) : (
          <>
            <button type="button" class="link" onClick={() => openRun(run)}>
              Open
            </button>
            <button type="button" class="link" onClick={() => void overlay(run)}>
              Lay over
            </button>
          </>
        )}
        <button type="button" class="link" onClick={() => void copy()}>
          Copy as Markdown
        </button>
        {run.report && (
          <button
            type="button"
            class="link"
            onClick={() =>
              run.report && save(run.report, `passk-report-${facts.startedAt.replaceAll(/[:.]/g, '-')}.json`)
            }
          >
            Save report
          </button>
        )}
        {run.id !== null && (
          <button type="button" class="link" onClick={() => void forget(run)}>
            Delete
          </button>
        )}
      </span>
    </li>
  );
}
