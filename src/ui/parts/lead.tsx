/** The question, and one sentence of answer with its numbers: those of the run that is shown. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Claim, ClaimId } from '../../lab/suite/claims.ts';
import { formatSamples } from '../../view/format.ts';
import { rows, shownRun } from '../state/board.ts';
import { endedRuns, outcomeWords } from '../state/run.ts';
import { Words } from './words.tsx';

const PAPER = 'https://arxiv.org/abs/2511.16231';
const COUNTS = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const countWord = (count: number): string => COUNTS.at(count) ?? String(count);
const sample = (count: number): string => Number(formatSamples(count)).toLocaleString('en');

const claimOf = (id: ClaimId): Claim | undefined => rows.value.find(({ claim }) => claim.id === id)?.claim;

function AnswerLine(): JSX.Element {
  const { answer, facts } = shownRun.value.digest;
  const theorem = claimOf('theorem-3.1');
  const shared = claimOf('aggregate');
  const { cost, cosine } = answer;
  const isRefuted = (theorem?.rejected ?? 0) > 0;
  return (
    <p class="answer">
      {theorem?.verdict === 'holds' ? (
        <>
          <b>For one prompt it adds no direction:</b> its gradient is pass@1’s times <Words>alpha_k</Words>
        </>
      ) : isRefuted ? (
        <>
          <b>Checks of this run reject the theorem.</b> First rule out a fault of machine or program: the same
          seed on another engine
        </>
      ) : (
        <b>This run does not decide whether it adds a direction for one prompt</b>
      )}
      {cost && (
        <>
          {theorem?.verdict === 'holds' ? ', and at ' : '. At '}
          <Words>J1</Words> = {Number(cost.successProb.toPrecision(3))} a gradient of pass@{cost.k} takes{' '}
          {sample(cost.atK)} trajectories where pass@1 takes {sample(cost.atOne)} ({cost.policy}; cheapest
          unbiased estimators, n = {cost.groupSize}, SNR 1)
        </>
      )}
      .{' '}
      {cosine && shared?.verdict === 'holds' && (
        <>
          <b>Where prompts share parameters it is another objective:</b> the two can{' '}
          {cosine.value < 0 ? 'oppose' : 'part'} (cosine {cosine.value.toFixed(2).replace('-', '−')} at k ={' '}
          {cosine.k}).
        </>
      )}
      {facts.outcome === 'incomplete' && ' This run was cut short.'}
    </p>
  );
}

function paperCount(): string {
  const own = rows.value.map(({ claim }) => claim).filter(({ source }) => source.startsWith('Yu'));
  const count = (verdict: Claim['verdict']): number =>
    own.filter((claim) => claim.verdict === verdict).length;
  const parts = (
    [
      ['holds', 'hold', 'holds'],
      ['holds-if', 'hold under a condition', 'holds under a condition'],
      ['not-its-own', 'are true of pass@1 as well', 'is true of pass@1 as well'],
      ['fails', 'fail', 'fails'],
      ['undecided', 'are undecided', 'is undecided'],
      ['not-run', 'were not run', 'was not run'],
    ] as const
  ).flatMap(([verdict, many, one]) => {
    const number = count(verdict);
    return number === 0 ? [] : [`${countWord(number)} ${number === 1 ? one : many}`];
  });
  return `Of the paper’s ${countWord(own.length)} claims ${parts.join(', ')}.`;
}

export function Lead(): JSX.Element {
  const outcome = useRef<HTMLParagraphElement>(null);
  const ended = endedRuns.value;
  useEffect(() => {
    // Focus goes where the result is, but is taken from nothing that a person has turned to.
    const holder = document.activeElement;
    const isFree = holder === document.body || holder?.closest('.run-card') !== null;
    if (ended > 0 && isFree) outcome.current?.focus({ preventScroll: true });
  }, [ended]);
  const run = shownRun.value;
  return (
    <div class="lead">
      <h1>Is pass@k worth training for?</h1>
      <p class="paper">
        Yang Yu,{' '}
        <a href={PAPER}>Pass@k Metric for RLVR: A Diagnostic Tool of Exploration, But Not an Objective</a>,
        arXiv 2511.16231
      </p>
      <AnswerLine />
      <p class="count" ref={outcome} tabIndex={-1}>
        <b class={`outcome ${run.digest.facts.outcome}`}>
          {run.kind === 'reference' ? 'Reference run' : run.kind === 'file' ? run.name : 'On this machine'}:{' '}
          {outcomeWords(run.digest.facts)}.
        </b>{' '}
        {paperCount()} <Words>J1</Words> is the chance that one try is right; pass@k, that at least one of k
        is; <Words>alpha_k = k (1-J1)^(k-1)</Words>.
      </p>
    </div>
  );
}
