/**
 * The diagnose view: evaluation files in, findings, charts and tables out. Files stay on the person's machine: they are read by a
 * thread of this page.
 */
import { proxy, wrap, type Remote } from 'comlink';
import { formatCount } from '../../view/format.ts';
import type { DiagnosisReport } from '../../diagnose/report.ts';
import { diagnosisMarkdown, diagnosisTables, findingsOf } from '../../diagnose/tables.ts';
import type { DiagnoseStage } from '../../diagnose/readFiles.ts';
import type { DiagnoseHost } from '../../threads/diagnoseHost.ts';
import { byId, element } from '../dom.ts';
import { chartSections } from '../../diagnose/charts.ts';
import {
  DIAGNOSE_SETTING_NAMES,
  diagnoseSettings,
  type DiagnoseSettingName,
} from '../../diagnose/settings.ts';
import { drawnSection, tableNode, type DrawnSection } from '../section.ts';

/** A small evaluation to try the view with, two models on eight problems. */
const EXAMPLE = `problem,n,correct,model
p1,64,40,before
p2,64,12,before
p3,64,5,before
p4,64,2,before
p5,64,1,before
p6,64,1,before
p7,64,0,before
p8,64,30,before
p1,64,63,after
p2,64,50,after
p3,64,9,after
p4,64,0,after
p5,64,0,after
p6,64,0,after
p7,64,0,after
p8,64,62,after
`;

export class DiagnoseView {
  readonly #status = byId('diagnose-status', HTMLElement);
  readonly #result = byId('diagnosis', HTMLElement);
  readonly #inputs = new Map<DiagnoseSettingName, HTMLInputElement>();
  readonly #cancel = byId('diagnose-cancel', HTMLButtonElement);
  #worker: Worker | null = null;
  #host: Remote<DiagnoseHost> | null = null;
  #files: readonly File[] = [];
  #runs = 0;
  #sections: readonly DrawnSection[] = [];

  constructor() {
    const picker = byId('files', HTMLInputElement);
    const zone = byId('drop', HTMLElement);
    picker.addEventListener('change', () => void this.#take([...(picker.files ?? [])]));
    zone.addEventListener('dragover', (event) => {
      event.preventDefault();
      zone.classList.add('over');
    });
    zone.addEventListener('dragleave', () => zone.classList.remove('over'));
    zone.addEventListener('drop', (event) => {
      event.preventDefault();
      zone.classList.remove('over');
      void this.#take([...(event.dataTransfer?.files ?? [])]);
    });
    byId('example', HTMLButtonElement).addEventListener(
      'click',
      () => void this.#take([new File([EXAMPLE], 'example.csv')]),
    );
    const fields = byId('diagnose-settings', HTMLFieldSetElement);
    for (const name of DIAGNOSE_SETTING_NAMES) {
      const { label, help, usual } = diagnoseSettings[name];
      const id = `diagnose-${name}`;
      const input = element('input', {
        id,
        'aria-describedby': `${id}-help`,
        spellcheck: 'false',
        autocomplete: 'off',
      });
      input.addEventListener('change', () => void this.#run());
      this.#inputs.set(name, input);
      fields.append(
        element(
          'div',
          { class: 'field' },
          element('label', { for: id }, label),
          input,
          element('small', { id: `${id}-help` }, usual === '' ? help : `${help}; empty: ${usual}`),
        ),
      );
    }
    this.#cancel.addEventListener('click', () => {
      this.#runs += 1;
      this.#end();
      this.#say('Cancelled.', '');
    });
    let resizing: number | undefined;
    new ResizeObserver(() => {
      clearTimeout(resizing);
      resizing = window.setTimeout(() => {
        this.#draw();
      }, 100);
    }).observe(this.#result);
  }

  async #take(files: readonly File[]): Promise<void> {
    if (files.length === 0) return;
    this.#files = files;
    await this.#run();
  }

  async #run(): Promise<void> {
    if (this.#files.length === 0) return;
    this.#runs += 1;
    const run = this.#runs;
    // A run that is still going on is of what nobody asks for any more.
    if (!this.#cancel.hidden) this.#end();
    this.#worker ??= new Worker(new URL('../../threads/diagnose.worker.ts', import.meta.url), {
      type: 'module',
    });
    this.#host ??= wrap<DiagnoseHost>(this.#worker);
    this.#cancel.hidden = false;
    const fields: Partial<Record<DiagnoseSettingName, string>> = {};
    for (const [name, input] of this.#inputs)
      if (input.value.trim() !== '') fields[name] = input.value.trim();
    this.#say('Reading…', '');
    const answer = await this.#host.run(
      [...this.#files],
      fields,
      proxy((stage: DiagnoseStage, share: number) => {
        if (run !== this.#runs) return;
        const words = { reading: 'Reading', diagnosing: 'Diagnosing' }[stage];
        this.#say(`${words}, ${Math.floor(100 * share)} %`, '');
      }),
    );
    // A later run has taken over.
    if (run !== this.#runs) return;
    this.#cancel.hidden = true;
    if ('error' in answer) {
      // What was found before stays to be read, but is not of what was asked for now.
      this.#result.classList.add('stale');
      this.#say(`${answer.error.message}.`, 'error');
      return;
    }
    const { report, notes } = answer.value;
    const rows = report.sources.reduce((sum, { rowCount }) => sum + rowCount, 0);
    this.#say(
      `${formatCount(rows)} rows of ${report.sources.map(({ file }) => file).join(', ')}` +
        (notes.length > 0 ? `; ${notes.join('; ')}` : ''),
      '',
    );
    this.#show(report);
  }

  /** Whatever the thread is at ends with it. */
  #end(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#host = null;
    this.#cancel.hidden = true;
  }

  #say(text: string, kind: '' | 'error'): void {
    this.#status.textContent = text;
    this.#status.className = kind;
  }

  #show(report: DiagnosisReport): void {
    this.#result.classList.remove('stale');
    const sentences = findingsOf(report);
    this.#sections = chartSections(report).map(drawnSection);
    this.#result.replaceChildren(
      element('h2', {}, 'What the evaluation says'),
      element('ul', {}, ...sentences.map((sentence) => element('li', {}, `${sentence}.`))),
      element(
        'p',
        { class: 'actions' },
        this.#saveLink('Save the report (JSON)', 'passk-diagnosis.json', JSON.stringify(report, null, 1)),
        this.#saveLink('Save the report (Markdown)', 'passk-diagnosis.md', diagnosisMarkdown(report)),
      ),
      ...this.#sections.map(({ node }) => node),
      ...diagnosisTables(report).map(tableNode),
      element(
        'details',
        {},
        element('summary', {}, 'Methods'),
        ...Object.entries(report.methods).map(([name, words]) => element('p', {}, `${name}: ${words}.`)),
      ),
    );
    this.#draw();
  }

  #saveLink(label: string, name: string, text: string): HTMLAnchorElement {
    return element('a', { href: URL.createObjectURL(new Blob([text])), download: name }, label);
  }

  #draw(): void {
    for (const { redraw } of this.#sections) redraw(Math.max(280, this.#result.clientWidth));
  }
}
