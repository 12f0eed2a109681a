/**
 * The page: form, run, progress, verdict, chart, tables. Reads as its table of contents; each part has a file.
 */
import './style.css';
import { proxy } from 'comlink';
import type { RunProgress } from '../experiment/watcher.ts';
import type { RelationResult, Report } from '../experiment/result.ts';
import { configFromQuery, configQuery, readConfig, type Config } from '../experiment/settings.ts';
import { EXPERIMENTS } from '../experiment/suite.ts';
import { formatCount, formatDuration } from '../experiment/format.ts';
import { InputError } from '../math/inputError.ts';
import { startEngine } from './automation.ts';
import type { SlopePoint } from './chart.ts';
import { byId, element } from './dom.ts';
import { ConfigForm } from './form.ts';
import { checkTables, exactTable, slopeTable } from './tables.ts';

const suite = startEngine();
const status = byId('status', HTMLElement);
const bar = byId('progress', HTMLProgressElement);
const runButton = byId('run', HTMLButtonElement);
const cancelButton = byId('cancel', HTMLButtonElement);
const verdict = byId('verdict', HTMLElement);
const chartPlace = byId('chart', HTMLElement);
const chosen = byId('estimator', HTMLSelectElement);
const tables = byId('tables', HTMLElement);
const exact = byId('exact', HTMLElement);
const download = byId('download', HTMLAnchorElement);

let report: Report | null = null;
const form = new ConfigForm(byId('settings', HTMLElement), initialConfig(), () => {
  const config = form.read();
  if (!config) return;
  history.replaceState(null, '', configQuery(config));
  // A finished run keeps its figure until the next one; without one the curves follow the form.
  if (!report) showFigure(config);
  else if (configQuery(config) !== configQuery(report.config)) {
    status.textContent = `The result below is that of ${configQuery(report.config)}; run again for these settings.`;
  }
});

byId('form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});
cancelButton.addEventListener('click', () => {
  status.textContent = 'Cancelling…';
  void suite.cancel();
});
chosen.addEventListener('change', () => report && showFigure(report.config));
let resizing: number | undefined;
new ResizeObserver(() => {
  clearTimeout(resizing);
  resizing = window.setTimeout(() => showFigure(report?.config ?? form.read() ?? readConfig({})), 100);
}).observe(chartPlace);
void greet();

function initialConfig(): Config {
  try {
    return configFromQuery(location.search);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    status.textContent = `${error.message}. The usual settings are shown instead.`;
    status.className = 'error';
    return readConfig({});
  }
}

/** Says at once whether this browser can run anything; the exact theory is there either way. */
async function greet(): Promise<void> {
  const hasAdapter = 'gpu' in navigator && (await navigator.gpu.requestAdapter().catch(() => null)) !== null;
  if (hasAdapter) return;
  runButton.disabled = true;
  status.className = 'notice';
  status.textContent =
    'This browser offers no WebGPU adapter, so nothing can be sampled here; the exact theory below needs none. ' +
    'To run: use a current Chrome, Edge, Firefox or Safari, open the page over https or from localhost, and on Linux ' +
    'try chrome://flags/#enable-unsafe-webgpu. Or run "npm run bench", which needs no GPU.';
}

async function run(): Promise<void> {
  const config = form.read();
  if (!config) return;
  history.replaceState(null, '', configQuery(config));
  setRunning(true);
  const start = performance.now();
  try {
    const answer = await suite.run(
      [...EXPERIMENTS],
      config,
      proxy((progress: RunProgress) => showProgress(progress, start)),
    );
    if ('error' in answer) {
      status.className = 'error';
      status.textContent = `${answer.error.message}. Reload the page to try again.`;
      return;
    }
    report = answer.value;
    showReport(answer.value);
  } finally {
    setRunning(false);
  }
}

function setRunning(running: boolean): void {
  runButton.disabled = running;
  cancelButton.disabled = !running;
  bar.hidden = !running;
  byId('settings', HTMLFieldSetElement).disabled = running;
  if (!running) return;
  status.className = '';
  status.textContent = 'Starting…';
  bar.removeAttribute('value');
}

let rateFrom: { time: number; tokens: number } | null = null;

function showProgress({ stage, tokenCount, totalTokens }: RunProgress, start: number): void {
  const now = performance.now();
  if (stage === 'planning') rateFrom = null;
  if (stage !== 'sampling' || tokenCount === 0) {
    const words = {
      planning: 'Solving the problems exactly…',
      compiling: 'Compiling shaders…',
      sampling: 'Sampling…',
      checking: 'Checking, and making deliberate mistakes…',
      timing: 'Timing each level…',
    };
    status.textContent = words[stage];
    if (stage === 'checking' || stage === 'timing') bar.removeAttribute('value');
    return;
  }
  rateFrom ??= { time: start, tokens: 0 };
  const rate = (tokenCount - rateFrom.tokens) / (now - rateFrom.time);
  bar.max = totalTokens;
  bar.value = tokenCount;
  const left = formatDuration((totalTokens - tokenCount) / rate);
  status.textContent = `Sampling: ${formatCount(rate * 1000)} tokens/s, ${left} left`;
}

function showReport(finished: Report): void {
  const { relation, environment, durationMs, outcome } = finished;
  const kind = environment.software ? 'software' : 'hardware';
  status.className = '';
  status.textContent = `${environment.runtime} on ${environment.adapter} (${kind}), ${formatDuration(durationMs)}`;
  verdict.replaceChildren(...(relation ? verdictWords(relation, outcome) : []));
  verdict.className = outcome;
  const ids = [
    ...new Set(
      relation?.problems.flatMap(({ prompts }) =>
        prompts.flatMap(({ slopes }) => slopes.map((slope) => slope.estimator)),
      ),
    ),
  ];
  const before = chosen.value;
  chosen.replaceChildren(...ids.map((id) => element('option', { value: id }, id)));
  chosen.value = ids.includes(before) ? before : ids.includes('pkpo') ? 'pkpo' : (ids[0] ?? '');
  byId('chooser', HTMLElement).hidden = ids.length === 0;
  showFigure(finished.config);
  URL.revokeObjectURL(download.href);
  download.href = URL.createObjectURL(
    new Blob([JSON.stringify(finished, null, 1)], { type: 'application/json' }),
  );
  download.hidden = false;
}

function verdictWords(relation: RelationResult, outcome: Report['outcome']): HTMLElement[] {
  const { agree, inconclusive, disagree } = relation.slopeCount;
  const headline = {
    agrees: 'Nothing disagrees',
    disagrees: 'Something disagrees, or a mistake was not seen',
    incomplete: 'Cut short: no verdict',
  }[outcome];
  const opposing = relation.aggregate.rows.find(({ k }) => k === 8);
  return [
    element('h2', {}, headline),
    element(
      'p',
      {},
      `${agree} slopes agree with α_k, ${inconclusive} are inconclusive, ${disagree} disagree: ` +
        `${formatCount(relation.groupCount)} groups, ${formatCount(relation.tokenCount)} tokens.`,
    ),
    ...relation.notDefined.map(({ estimator, k, reason }) =>
      element('p', {}, `Not defined: ${estimator}${k === null ? '' : ` at k = ${k}`}, ${reason}.`),
    ),
    element(
      'p',
      {},
      `The limit of the theorem: it holds per prompt. Averaged over ${relation.aggregate.description}, the gradients of ` +
        `J_8 and J_1 have cosine ${opposing?.cosine?.toFixed(2) ?? 'n/a'}: they oppose each other.`,
    ),
  ];
}

/** Curves always; points and tables once there is a report. The chart's library comes in its own chunk. */
function showFigure(config: Config): void {
  exact.replaceChildren(exactTable(config.ks));
  const problems = report?.relation?.problems ?? [];
  tables.replaceChildren(
    ...(report && problems.length > 0 ? [slopeTable(problems, chosen.value), ...checkTables(report)] : []),
  );
  const points = problems.flatMap((problem, problemIndex) =>
    problem.prompts.flatMap((prompt) =>
      prompt.slopes
        .filter((slope) => slope.estimator === chosen.value)
        .map((check): SlopePoint => ({ successProb: prompt.successProb, problemIndex, check })),
    ),
  );
  void import('./chart.ts').then(({ slopeChart }) => {
    chartPlace.replaceChildren(slopeChart(config.ks, points, Math.max(280, chartPlace.clientWidth)));
  });
}
