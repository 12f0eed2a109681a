/** Runs: kept in this browser, opened, laid over one another, saved, deleted. */
import type { JSX } from 'preact';
import { formatDuration } from '../../view/format.ts';
import { tableMarkdown } from '../../view/markdown.ts';
import { table } from '../../view/section.ts';
import { copy } from '../state/clipboard.ts';
import { overlaid, shownRun, type ShownRun } from '../state/board.ts';
import { outcomeWords } from '../state/run.ts';
import { forget, openRun, overlay, REFERENCE_ENTRY, runOf, runs, type RunEntry } from '../state/runs.ts';
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

export function Runs(): JSX.Element {
  const all = [REFERENCE_ENTRY, ...runs.value];
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
          <b>Laid over: {nameOf({ ...over.run, facts: over.run.digest.facts })}.</b> {over.comparison}
          {/[.!?]$/.test(over.comparison) ? '' : '.'}{' '}
          <button type="button" class="link" onClick={() => (overlaid.value = null)}>
            take it off
          </button>
        </p>
      )}
    </section>
  );
}

const nameOf = (run: Omit<RunEntry, 'id'>): string =>
  run.kind === 'reference'
    ? 'Reference'
    : run.kind === 'file'
      ? run.name
      : new Date(run.facts.startedAt).toLocaleString('en-GB', {
          dateStyle: 'medium',
          timeStyle: 'medium',
        });

function RunRow({ run }: { readonly run: RunEntry }): JSX.Element {
  const { facts } = run;
  const { checks } = facts;
  const total = checks.agree + checks.disagree + checks.inconclusive + checks.outOfReach;
  const isShown = run.kind === shownRun.value.kind && run.id === shownRun.value.id;
  const copyBoard = async (): Promise<void> => {
    const whole = await runOf(run);
    if (whole) await copy('The board', markdownOf(whole));
  };
  const saveReport = async (): Promise<void> => {
    const report = (await runOf(run))?.report;
    if (report) save(report, `passk-report-${facts.startedAt.replaceAll(/[:.]/g, '-')}.json`);
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
        {checks.agree + checks.disagree} of {total} decided, {outcomeWords(facts)}
      </span>
      <span class="run-actions">
        {isShown ? (
          <i>shown</i>
        ) : (
          <>
            <button type="button" class="link" onClick={() => void openRun(run)}>
              Open
            </button>
            <button type="button" class="link" onClick={() => void overlay(run)}>
              Lay over
            </button>
          </>
        )}
        <button type="button" class="link" onClick={() => void copyBoard()}>
          Copy as Markdown
        </button>
        {run.kind !== 'reference' && (
          <button type="button" class="link" onClick={() => void saveReport()}>
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
