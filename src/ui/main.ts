/**
 * The page: form, run, progress, verdict, chart, tables. Reads as its table of contents; each part has a file.
 */
import './style.css';
import { proxy } from 'comlink';
import type { LiveChart, RunProgress } from '../lab/watcher.ts';
import { reached } from '../lab/suite/experiments.ts';
import { countVerdicts, verdictsOf, type Report } from '../lab/suite/report.ts';
import { configFromQuery, configQuery, readConfig, type Config } from '../lab/settings.ts';
import { formatCount, formatDuration } from '../view/format.ts';
import { InputError } from '../input/inputError.ts';
import { startEngine } from './automation.ts';
import { COLOURS } from './colours.ts';
import { byId, element } from './dom.ts';
import { weightCurves } from '../experiments/relation/view.ts';
import { checkedLine, checkTables } from '../lab/suite/views.ts';
import { EngineMenu } from './engineMenu.ts';
import { ConfigForm } from './form.ts';
import { ExperimentMenu } from './menu.ts';
import { startViews } from './views.ts';
import { drawnSection, tableNode, type DrawnSection } from './section.ts';
import { catalogueTable, exactTable } from './tables.ts';

const suite = startEngine();
const status = byId('status', HTMLElement);
const bar = byId('progress', HTMLProgressElement);
const runButton = byId('run', HTMLButtonElement);
const cancelButton = byId('cancel', HTMLButtonElement);
const verdict = byId('verdict', HTMLElement);
const chartPlace = byId('chart', HTMLElement);
const experiments = byId('experiments', HTMLElement);
const livePlace = byId('live', HTMLElement);
const menu = new ExperimentMenu(byId('menu', HTMLFieldSetElement), location.search);
const engineMenu = new EngineMenu(byId('engine', HTMLSelectElement), location.search);
let sections: readonly DrawnSection[] = [];
const exact = byId('exact', HTMLElement);
const download = byId('download', HTMLAnchorElement);

let report: Report | null = null;
let isRunning = false;
const form = new ConfigForm(byId('settings', HTMLElement), initialConfig(), () => {
  const config = form.read();
  if (!config) return;
  history.replaceState(null, '', configQuery(config) + menu.query() + engineMenu.query());
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
let resizing: number | undefined;
new ResizeObserver(() => {
  clearTimeout(resizing);
  resizing = window.setTimeout(() => {
    showFigure(report?.config ?? form.read() ?? readConfig({}));
    drawSections();
  }, 100);
}).observe(chartPlace);
startViews(() => {
  void import('./diagnose/view.ts').then(({ DiagnoseView }) => new DiagnoseView());
});
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

/** Says at once what a run would miss here: without WebGPU everything runs, on the CPU. */
async function greet(): Promise<void> {
  const hasAdapter = 'gpu' in navigator && (await navigator.gpu.requestAdapter().catch(() => null)) !== null;
  if (hasAdapter) return;
  status.className = 'notice';
  status.textContent =
    'This browser offers no WebGPU adapter: runs work on the CPU alone, and no WGSL is exercised. To change that, use a ' +
    'current Chrome, Edge, Firefox or Safari, open the page over https or from localhost, and on Linux try ' +
    'chrome://flags/#enable-unsafe-webgpu.';
}

async function run(): Promise<void> {
  const config = form.read();
  if (!config) return;
  if (menu.chosen().length === 0) {
    status.className = 'error';
    status.textContent = 'Tick at least one experiment to run.';
    return;
  }
  history.replaceState(null, '', configQuery(config) + menu.query() + engineMenu.query());
  setRunning(true);
  rateFrom = null;
  try {
    const answer = await suite.run(menu.chosen(), config, engineMenu.choice(), proxy(showProgress));
    if ('error' in answer) {
      status.className = 'error';
      const isInput = answer.error.name === 'InputError';
      status.textContent = `${answer.error.message}.${isInput ? '' : ' Reload the page to try again.'}`;
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
  isRunning = running;
  livePlace.hidden = true;
  livePlace.replaceChildren();
  byId('settings', HTMLFieldSetElement).disabled = running;
  byId('menu', HTMLFieldSetElement).disabled = running;
  if (!running) return;
  status.className = '';
  status.textContent = 'Starting…';
  bar.removeAttribute('value');
}

let rateFrom: { experiment: string; time: number; tokens: number } | null = null;

function showProgress({ experiment, stage, tokenCount, totalTokens, live }: RunProgress): void {
  if (live) showLive(live);
  const now = performance.now();
  const name = experiment ?? 'run';
  if (rateFrom?.experiment !== name) rateFrom = { experiment: name, time: now, tokens: tokenCount };
  const words = {
    planning: 'solving the problems exactly…',
    compiling: 'compiling shaders…',
    sampling: 'sampling…',
    training: 'training…',
    checking: 'checking…',
    timing: 'timing each level…',
  };
  const rate = (tokenCount - rateFrom.tokens) / (now - rateFrom.time);
  const isCounted = stage === 'sampling' || stage === 'training';
  if (!isCounted || !(rate > 0)) {
    status.textContent = `${name}: ${words[stage]}`;
    if (!isCounted) bar.removeAttribute('value');
    return;
  }
  bar.max = totalTokens;
  bar.value = tokenCount;
  const left = formatDuration((totalTokens - tokenCount) / rate);
  status.textContent = `${name}: ${stage}, ${formatCount(rate * 1000)} tokens/s, ${left} left`;
}

/** What is known so far of a run that trains; replaced by its section at the end. */
function showLive(chart: LiveChart): void {
  void import('./lineChart.ts').then(({ lineChart }) => {
    if (!isRunning) return;
    const drawn = lineChart(
      {
        name: chart.title,
        x: { label: chart.x, type: chart.x === 'k' ? 'log' : 'linear' },
        y: { label: `↑ ${chart.y}`, type: 'linear' },
        series: chart.series
          .slice(-COLOURS.length)
          .map(({ name, points }) => ({ name, line: points, points: [] })),
      },
      Math.max(280, chartPlace.clientWidth),
    );
    livePlace.replaceChildren(element('h2', {}, chart.title), element('figure', {}, drawn));
    livePlace.hidden = false;
  });
}

function showReport(finished: Report): void {
  const { environment, durationMs, outcome } = finished;
  const kind = environment.software === null ? '' : environment.software ? ' (software)' : ' (hardware)';
  const checked = checkedLine(finished.engine);
  status.className = '';
  const ending = outcome === 'incomplete' ? 'Cancelled after' : 'Done in';
  status.textContent = `${ending} ${formatDuration(durationMs)}: ${environment.runtime} on ${environment.adapter}${kind}${checked === null ? '' : `; ${checked}`}`;
  verdict.replaceChildren(...verdictWords(finished));
  verdict.className = outcome;
  showFigure(finished.config);
  sections = reached(finished).map(({ experiment, result }) =>
    drawnSection(experiment.view(result, finished.config)),
  );
  experiments.replaceChildren(...sections.map(({ node }) => node), ...checkTables(finished).map(tableNode));
  drawSections();
  URL.revokeObjectURL(download.href);
  download.href = URL.createObjectURL(
    new Blob([JSON.stringify(finished, null, 1)], { type: 'application/json' }),
  );
  download.hidden = false;
}

function drawSections(): void {
  const width = Math.max(280, chartPlace.clientWidth);
  for (const { redraw } of sections) redraw(width);
}

function verdictWords(finished: Report): HTMLElement[] {
  const { outcome } = finished;
  const headline = {
    agrees: 'Nothing disagrees',
    disagrees: 'Something disagrees, or a mistake was not seen',
    incomplete: 'Cut short: no verdict',
  }[outcome];
  const sampled = reached(finished).map(({ result }) => result);
  const sum = (count: (result: (typeof sampled)[number]) => number): string =>
    formatCount(sampled.reduce((total, result) => total + count(result), 0));
  const verdicts = verdictsOf(finished);
  return [
    element('h2', {}, headline),
    element(
      'p',
      {},
      outcome === 'incomplete'
        ? `${sum(({ groupCount = 0 }) => groupCount)} groups, ${sum(({ tokenCount = 0 }) => tokenCount)} tokens were finished; what was ` +
            'measured is shown, and nothing is judged: the number of groups was not fixed beforehand.'
        : `${countVerdicts(verdicts, 'agree')} checks agree (a deviation of 10 % would have been seen), ` +
            `${countVerdicts(verdicts, 'inconclusive')} are inconclusive, ${countVerdicts(verdicts, 'out of reach')} are out of reach ` +
            `of any run, ${countVerdicts(verdicts, 'disagree')} disagree: ` +
            `${sum(({ groupCount = 0 }) => groupCount)} groups, ${sum(({ tokenCount = 0 }) => tokenCount)} tokens.`,
    ),
  ];
}

/** What needs no run: the curves, J_k, the catalogue. The chart's library comes in its own chunk. */
function showFigure(config: Config): void {
  exact.replaceChildren(exactTable(config.ks), catalogueTable());
  void import('./lineChart.ts').then(({ lineChart }) => {
    chartPlace.replaceChildren(lineChart(weightCurves(config.ks), Math.max(280, chartPlace.clientWidth)));
  });
}
