/** Diagnose an evaluation: a file in, findings first, then charts and tables. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Diagnosed } from '../../diagnose/readFiles.ts';
import {
  cancelDiagnosis,
  diagnoseExample,
  diagnoseTexts,
  diagnoseWith,
  diagnosis,
} from '../state/diagnosis.ts';
import { takeFiles } from '../state/files.ts';
import { copy } from '../state/clipboard.ts';
import { Fold } from './fold.tsx';
import { useLater } from './later.tsx';
import { SectionView } from './sectionView.tsx';
import { TableView } from './table.tsx';
import { Words } from './words.tsx';

const loadViews = async () => {
  const [tables, charts] = await Promise.all([
    import('../../diagnose/tables.ts'),
    import('../../diagnose/charts.ts'),
  ]);
  return { ...tables, ...charts };
};
const loadSettings = () => import('../../diagnose/settings.ts');

export function Diagnose(): JSX.Element {
  const picker = useRef<HTMLInputElement>(null);
  const now = diagnosis.value;
  const found = now.state === 'done' ? now.found : now.state === 'none' ? null : now.before;
  return (
    <section id="diagnose" aria-labelledby="diagnose-title">
      <h2 id="diagnose-title">Diagnose an evaluation</h2>
      <p class="lede">
        Pass@k is a good instrument. Counts are enough: no GPU, no model, and the file stays on this machine.
      </p>
      <div class="drop-strip">
        <span>
          <b>Drop results anywhere on the page</b>: CSV, JSONL, JSON or Parquet, a row a problem (problem, n,
          correct) or a row a sample (problem, correct); or what a harness wrote (EvalPlus, inspect-ai,
          lm-evaluation-harness, verl and others).
        </span>
        <button type="button" onClick={() => picker.current?.click()}>
          Choose files
        </button>
        <button type="button" class="link" id="example" onClick={() => void diagnoseExample()}>
          Try the example
        </button>
        <input
          ref={picker}
          id="files"
          type="file"
          multiple
          hidden
          aria-label="Evaluation files"
          onChange={({ currentTarget }) => {
            void takeFiles([...(currentTarget.files ?? [])]);
            currentTarget.value = '';
          }}
        />
      </div>
      {now.state === 'working' && (
        <p id="diagnose-status">
          {now.words}{' '}
          <button type="button" onClick={cancelDiagnosis}>
            Cancel
          </button>
        </p>
      )}
      {now.state === 'failed' && (
        <p id="diagnose-status" class="error" role="alert">
          {now.message}
        </p>
      )}
      {found && <Found found={found} />}
      {now.state !== 'none' && (
        // What a file leaves open is answered here.
        <Fold title="Settings, all may stay empty" isOpen={now.state === 'failed'}>
          {() => <DiagnoseSettings />}
        </Fold>
      )}
    </section>
  );
}

function Found({ found: { report, notes } }: { readonly found: Diagnosed }): JSX.Element {
  const views = useLater(loadViews);
  if (!views) return <p class="quiet">Drawing…</p>;
  const copyAll = (): Promise<void> => copy('The diagnosis', views.diagnosisMarkdown(report));
  return (
    <div id="diagnosis">
      <ul class="findings">
        {views.findingsOf(report).map((finding, i) => (
          <li key={i}>
            <Words>{finding}</Words>
          </li>
        ))}
      </ul>
      <p class="quiet">
        {views.sourcesLine(report)} {notes.map((note) => `${note}. `)}
        <button type="button" class="link" onClick={() => void copyAll()}>
          Copy as Markdown
        </button>
      </p>
      <div class="two">
        {views.chartSections(report).map((section, i) => (
          <SectionView key={section.title} section={section} id={`diagnose-${i + 1}`} />
        ))}
      </div>
      <Fold title="Numbers">
        {() => views.diagnosisTables(report).map((part, i) => <TableView key={i} table={part} />)}
      </Fold>
      <Fold title="Methods">
        {() =>
          views.methodsLine(report).map((line, i) => (
            <p key={i}>
              <Words>{line}</Words>
            </p>
          ))
        }
      </Fold>
    </div>
  );
}

function DiagnoseSettings(): JSX.Element {
  const table = useLater(loadSettings);
  if (!table) return <p class="quiet">One moment…</p>;
  return (
    <div class="fields">
      {table.DIAGNOSE_SETTING_NAMES.map((name) => {
        const { label, help, usual, value: shape } = table.diagnoseSettings[name];
        const id = `diagnose-${name}`;
        return (
          <div key={name} class="field">
            <label for={id}>{label}</label>
            <input
              id={id}
              placeholder={shape === '' ? 'yes' : ''}
              value={diagnoseTexts.value[name] ?? ''}
              aria-describedby={`${id}-help`}
              spellcheck={false}
              autocomplete="off"
              onChange={({ currentTarget: { value } }) => {
                const { [name]: _old, ...others } = diagnoseTexts.value;
                void diagnoseWith(value.trim() === '' ? others : { ...others, [name]: value.trim() });
              }}
            />
            <small id={`${id}-help`}>{usual === '' ? help : `${help}; empty: ${usual}`}</small>
          </div>
        );
      })}
    </div>
  );
}
