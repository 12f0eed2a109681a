/** A run in this browser: started, followed, cancelled, and what it leaves. */
import { effect, signal } from '@preact/signals';
import { proxy } from 'comlink';
import type { ClaimId } from '../../lab/suite/claims.ts';
import type { RunFacts } from '../../lab/suite/digest.ts';
import type { ExperimentName } from '../../lab/suite/experiments.ts';
import type { LiveChart, RunProgress } from '../../lab/watcher.ts';
import type { FinishedRun, RunPart } from '../../threads/suiteHost.ts';
import { formatDuration } from '../../view/format.ts';
import { announce } from './announce.ts';
import { overlaid, partial, show, shownRun } from './board.ts';
import { engineThread, suite, tellSuite } from './engine.ts';
import { dismiss, notify } from './notices.ts';
import { ownTables } from './own.ts';
import { keep } from './runs.ts';
import { areSettingsOpen, chosenExperiments, config, engineChoice } from './settings.ts';

export interface Progress {
  readonly share: number;
  readonly secondsLeft: number | null;
  readonly experiment: string;
  readonly index: number;
  readonly count: number;
  readonly stage: RunProgress['stage'];
}

const NOTHING_YET: Progress = {
  ...{ share: 0, secondsLeft: null, experiment: '', index: 0, count: 0 },
  stage: 'planning',
};

/** null where no run goes on */
export const progress = signal<Progress | null>(null);
export const isCancelling = signal(false);
/** curves of replicas in training, while they train */
export const live = signal<LiveChart | null>(null);
/** counts the runs that have ended: focus goes to the outcome after each */
export const endedRuns = signal(0);

const PAGE_NAME = 'passk-bench';

export const outcomeWords = ({ outcome, checks }: RunFacts): string => {
  if (outcome === 'incomplete') return 'cut short: no verdict';
  if (outcome === 'disagrees') return 'something disagrees';
  return checks.agree === 0 ? 'no check in this run' : 'nothing disagrees';
};

effect(() => {
  const going = progress.value;
  const run = shownRun.value;
  if (going) document.title = `${Math.floor(100 * going.share)} % ${PAGE_NAME}`;
  else if (run.kind === 'reference') document.title = `${PAGE_NAME}: is pass@k worth training for?`;
  else document.title = `${outcomeWords(run.digest.facts)} – ${PAGE_NAME}`;
});

const askFirst = (event: BeforeUnloadEvent): void => event.preventDefault();

export async function startRun(): Promise<void> {
  if (progress.value) return;
  const names = chosenExperiments.value as readonly ExperimentName[];
  if (names.length === 0) {
    notify({
      ...{ id: 'run', kind: 'wrong', fact: 'No experiment is chosen.' },
      consequence: 'Choose at least one under Settings.',
    });
    return;
  }
  dismiss('run');
  overlaid.value = null;
  areSettingsOpen.value = false;
  startedAt = performance.now();
  progress.value = NOTHING_YET;
  partial.value = { claims: new Map(), shown: {}, experiment: null, share: 0 };
  window.addEventListener('beforeunload', askFirst);
  announce(`Run started: ${names.length} experiments.`);
  try {
    const request = { names, config: config.value, engine: engineChoice.value, own: ownTables.value };
    const answer = await suite((host) => host.run(request, proxy(follow), proxy(takePart)));
    if ('error' in answer) {
      fail(answer.error);
      return;
    }
    finish(answer.value);
  } finally {
    window.removeEventListener('beforeunload', askFirst);
    clearTimeout(patience);
    progress.value = null;
    partial.value = null;
    live.value = null;
    isCancelling.value = false;
    endedRuns.value += 1;
  }
}

/** A click that meant to start it must not end it. */
const LEAST_RUN_MS = 600;
/** A submission in flight takes less; an engine that is silent for so long is gone. */
const CANCEL_PATIENCE_MS = 10_000;
let startedAt = 0;
let patience: number | undefined;

export function cancelRun(): void {
  if (performance.now() - startedAt < LEAST_RUN_MS) return;
  isCancelling.value = true;
  void tellSuite((host) => host.cancel());
  patience = window.setTimeout(
    () => engineThread.end('the engine did not end when it was told to; it was stopped'),
    CANCEL_PATIENCE_MS,
  );
}

/** A hidden page draws nothing: the run goes on, and the last state is drawn when the page is seen again. */
function follow({ overall, stage, live: chart }: RunProgress): void {
  if (!progress.value || !overall) return;
  const { share, within, secondsLeft, experiment, index, count } = overall;
  const isPainted = document.visibilityState === 'visible';
  const isNext = experiment !== progress.value.experiment;
  const step = Math.floor(100 * share) !== Math.floor(100 * progress.value.share);
  if (isPainted || step || isNext) progress.value = { share, secondsLeft, experiment, index, count, stage };
  if (isNext) live.value = null;
  if (isPainted && chart) live.value = chart;
  const known = partial.value;
  if (!known) return;
  if (isNext || Math.floor(100 * within) !== Math.floor(100 * known.share))
    partial.value = { ...known, experiment, share: within };
  if (isNext)
    announce(
      `${experiment}, ${index} of ${count}, ${Math.floor(100 * share)} per cent` +
        (secondsLeft === null ? '' : `, ${formatDuration(1000 * secondsLeft)} left`),
    );
}

function takePart({ claims, shown }: RunPart): void {
  const known = partial.value;
  if (!known) return;
  const fresh = new Map<ClaimId, (typeof claims)[number]>(known.claims);
  for (const claim of claims) if (claim.verdict !== 'not-run') fresh.set(claim.id, claim);
  partial.value = {
    ...known,
    claims: fresh,
    shown: { ...known.shown, ...shown },
    experiment: null,
    share: 0,
  };
}

/** What was not run keeps nothing of the run before: a board of one run says what that run says. */
function finish({ digest, report }: FinishedRun): void {
  const id = digest.facts.startedAt;
  show({ kind: 'measured', id, name: 'this machine', digest, report });
  const words = outcomeWords(digest.facts);
  announce(`Run ended: ${words}.`);
  if (digest.facts.lost !== null)
    notify({
      ...{ id: 'run', kind: 'wrong', fact: `The engine was lost: ${digest.facts.lost}.` },
      consequence: 'What was finished before is kept, and nothing is judged.',
    });
  void keep(shownRun.value);
}

function fail({ name, message }: { readonly name: string; readonly message: string }): void {
  const isInput = name === 'InputError';
  notify({
    ...{ id: 'run', kind: 'wrong', fact: message.endsWith('.') ? message : `${message}.` },
    consequence:
      isInput || engineChoice.value !== 'gpu'
        ? 'What is shown is as before.'
        : 'What is shown is as before; engine auto runs on the CPU where there is no other.',
  });
  announce(`The run failed: ${message}`);
}
