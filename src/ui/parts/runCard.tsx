/** The one filled button, what it takes, and what is shown now. */
import type { JSX } from 'preact';
import { PRESETS, readConfig, type Config, type Preset } from '../../lab/settings.ts';
import { ENGINE_WORDS } from '../../engine/engineChoice.ts';
import { formatCount, formatDuration } from '../../view/format.ts';
import { shownRun, type ShownRun } from '../state/board.ts';
import { adapter } from '../state/engine.ts';
import { reference, EXPERIMENT_NAMES } from '../state/reference.ts';
import { runs } from '../state/runs.ts';
import { cancelRun, isCancelling, progress, startRun } from '../state/run.ts';
import { areSettingsOpen, chosenExperiments, config, engineChoice, setSetting } from '../state/settings.ts';

const PRESET_WORDS: Readonly<Record<Preset, string>> = { quick: 'Quick', standard: 'Standard', full: 'Full' };

const keyOf = (settings: Config): string => JSON.stringify({ ...settings, seed: 0 });

/** What the last such run took here, else what the chosen experiments take on two cores without a GPU. */
function expectedMs(preset: Preset): number {
  const chosen = chosenExperiments.value.join();
  const planned = readConfig({ preset });
  const isAsSaved = preset === config.value.preset;
  const wanted = keyOf(isAsSaved ? config.value : planned);
  const last = runs.value.find(
    ({ kind, facts }) =>
      kind === 'measured' &&
      facts.outcome !== 'incomplete' &&
      keyOf(facts.config) === wanted &&
      facts.experiments.join() === chosen,
  );
  if (last && engineChoice.value === 'auto') return last.facts.durationMs;
  return (
    1000 *
    EXPERIMENT_NAMES.filter((name) => chosenExperiments.value.includes(name)).reduce(
      (sum, name) => sum + reference.expectedSeconds[name][preset],
      0,
    )
  );
}

const roughly = (durationMs: number): string => {
  const seconds = durationMs / 1000;
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds / 5) * 5)} s`;
  return seconds < 5400 ? `about ${Math.round(seconds / 60)} min` : `about ${Math.round(seconds / 3600)} h`;
};

const engineWords = (run: ShownRun): string => {
  const { engine, adapter: name, software } = run.digest.facts;
  const kind = software === null ? '' : software ? ' (software)' : ' (hardware)';
  return `${engine === 'gpu' ? 'WebGPU' : engine === 'cpu' ? 'CPU engine' : 'plain TypeScript'}: ${name}${kind}`;
};

export function RunCard(): JSX.Element {
  const going = progress.value;
  const chosen = chosenExperiments.value.length;
  return (
    <section class="run-card" aria-label="Run">
      {going ? (
        <div class="going" key="going">
          <button type="button" class="primary" onClick={cancelRun} disabled={isCancelling.value}>
            {isCancelling.value ? 'Cancelling…' : 'Cancel'} <span>{Math.floor(100 * going.share)} %</span>
          </button>
          <progress value={going.share} max={1} aria-label="Progress of the run" />
          <p class="quiet">
            {going.experiment === ''
              ? 'Starting the engine…'
              : `${going.experiment}, ${going.index} of ${going.count}: ${going.stage}`}
            {going.secondsLeft !== null && `, ${formatDuration(1000 * going.secondsLeft)} left`}
          </p>
        </div>
      ) : (
        <div class="ready" key="ready">
          <button type="button" class="primary" id="run" onClick={() => void startRun()}>
            Check it on this machine <span>{roughly(expectedMs(config.value.preset))}</span>
          </button>
          <div class="presets">
            <div class="segment" role="group" aria-label="Preset">
              {PRESETS.map((preset) => (
                <button
                  key={preset}
                  type="button"
                  aria-pressed={config.value.preset === preset}
                  onClick={() => setSetting('preset', preset)}
                >
                  {PRESET_WORDS[preset]}
                </button>
              ))}
            </div>
            <button
              type="button"
              class="link"
              aria-expanded={areSettingsOpen.value}
              onClick={() => (areSettingsOpen.value = !areSettingsOpen.value)}
            >
              {chosen} of {EXPERIMENT_NAMES.length} experiments, settings
            </button>
          </div>
        </div>
      )}
      <ShownNow />
      <EngineLine />
    </section>
  );
}

function ShownNow(): JSX.Element {
  const run = shownRun.value;
  const { facts } = run.digest;
  const { checks, mistakes } = facts;
  const total = checks.agree + checks.disagree + checks.inconclusive + checks.outOfReach;
  const date = new Date(facts.startedAt);
  const name =
    run.kind === 'reference' ? 'reference run' : run.kind === 'file' ? run.name : 'a run of this machine';
  return (
    <p class="shown-now">
      <b>Shown now: {name}.</b> {PRESET_WORDS[facts.config.preset]}
      {facts.isPreset ? '' : ' with settings of its own'}, seed {facts.config.seed},{' '}
      {formatCount(facts.tokenCount)} tokens in {formatDuration(facts.durationMs)} on {engineWords(run)};{' '}
      {facts.runtime}; version {facts.version},{' '}
      {Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10)}.{' '}
      {total === 0
        ? 'No check in this run.'
        : `${(checks.agree + checks.disagree).toLocaleString('en')} of ${total.toLocaleString('en')} checks decided, ` +
          `${checks.disagree === 0 ? 'none disagrees' : `${checks.disagree} disagree`}; ${mistakes.seen} of ${mistakes.total} deliberate mistakes seen.`}
    </p>
  );
}

/** What a run here works on; without WebGPU everything runs all the same. */
function EngineLine(): JSX.Element | null {
  const found = adapter.value;
  if (!found) return <p class="engine-line quiet">Looking for a WebGPU adapter…</p>;
  const choice = engineChoice.value;
  if (choice !== 'auto')
    return (
      <p class="engine-line quiet">
        The next run works on engine {choice} alone: {ENGINE_WORDS[choice]}.
      </p>
    );
  const cores = navigator.hardwareConcurrency;
  const words = {
    hardware: `Here: WebGPU on ${found.name} (hardware), part of it checked by the CPU engine.`,
    software: `Here: the CPU engine on ${cores} threads; WebGPU is ${found.name} (software) and checks part of it.`,
    none: `Here: no WebGPU, so the CPU engine runs everything on ${cores} threads, and no WGSL is exercised.`,
  }[found.kind];
  return <p class="engine-line quiet">{words}</p>;
}
