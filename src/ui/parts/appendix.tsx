/** Appendix: what one looks up. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { estimators } from '../../estimators/estimators.ts';
import { passAtK, passAtKWeight } from '../../math/passAtK.ts';
import type { Report } from '../../lab/suite/report.ts';
import { formatNumber } from '../../view/format.ts';
import { table, type Table } from '../../view/section.ts';
import { shownRun } from '../state/board.ts';
import { adapter } from '../state/engine.ts';
import { Fold } from './fold.tsx';
import { useLater } from './later.tsx';
import { SectionView } from './sectionView.tsx';
import { TableView } from './table.tsx';

const loadGlossary = () => import('../../view/glossary.ts');
const loadExperiments = () => import('../../lab/suite/experiments.ts');

const SHOWN_PROBS = [1e-4, 0.01, 0.1, 0.5, 0.9, 0.99, 0.9999];

/** J_k and alpha_k, exact: shown with or without a GPU. */
function exactTable(ks: readonly number[]): Table {
  return table(
    'J_k, and below it alpha_k',
    ['J1', ...ks.map((k) => `k = ${k}`)],
    SHOWN_PROBS.map((p) => [
      formatNumber(p),
      ...ks.map((k) => ({ text: formatNumber(passAtK(p, k)), note: formatNumber(passAtKWeight(p, k)) })),
    ]),
  );
}

function catalogueTable(): Table {
  return table(
    'Weights of a right and of a wrong trajectory, c of n being right',
    ['estimator', 'w1(c)', 'w0(c)', 'alpha_eff in E G = alpha_eff grad J1', 'where', 'centred', 'source'],
    estimators.map(({ id, title, formula, objective, domain, centred, source }) => [
      { text: id, note: title },
      formula.correct,
      formula.wrong,
      objective.effectiveAlpha.startsWith('n sum_m') ? 'by the identity' : objective.effectiveAlpha,
      domain === '' ? 'everywhere' : domain,
      centred ? 'yes' : 'no',
      source,
    ]),
  );
}

const Tables = ({ tables }: { readonly tables: readonly Table[] }): JSX.Element =>
  tables.length === 0 ? (
    <p class="quiet">Not part of the run that is shown.</p>
  ) : (
    <>
      {tables.map((part, i) => (
        <TableView key={i} table={part} />
      ))}
    </>
  );

/** "24 of 25 agree": a number that a source prints and that we compute otherwise is a finding, not a fault of the run. */
function publishedBrief(tables: readonly Table[]): string {
  const verdicts = tables.flatMap(({ rows }) =>
    rows.flatMap((row) => row.flatMap((cell) => (typeof cell === 'string' ? [] : (cell.verdict ?? [])))),
  );
  if (verdicts.length === 0) return 'not run';
  return `${verdicts.filter((verdict) => verdict === 'agree').length} of ${verdicts.length} agree with what we compute`;
}

export function Appendix(): JSX.Element {
  const { digest, report } = shownRun.value;
  const { tables, facts } = digest;
  const families = tables.checks.filter(({ title }) => title.startsWith('Checks'));
  const mistakes = tables.checks.filter((part) => !families.includes(part));
  return (
    <section id="appendix" aria-labelledby="appendix-title">
      <h2 id="appendix-title">Appendix</h2>
      <div class="two folds">
        <Fold
          title="Checks by family"
          brief={`${families.reduce((sum, { rows }) => sum + rows.length, 0)} families, ${facts.checks.disagree === 0 ? 'none rejected' : `${facts.checks.disagree} rejected`}`}
        >
          {() => <Tables tables={families} />}
        </Fold>
        <Fold title="Deliberate mistakes" brief={`${facts.mistakes.seen} of ${facts.mistakes.total} seen`}>
          {() => <Tables tables={mistakes} />}
        </Fold>
        <Fold title="Published numbers" brief={publishedBrief(tables.published)}>
          {() => <Tables tables={tables.published} />}
        </Fold>
        <Fold title="Speeds" brief={`${facts.engine}: ${facts.adapter}`}>
          {() => <Tables tables={tables.speeds} />}
        </Fold>
        <Fold title="Exact values" brief="J_k and α_k, no run needed">
          {() => <TableView table={exactTable([1, 2, 4, 8, 16])} />}
        </Fold>
        <Fold title="Catalogue of estimators" brief={`${estimators.length}, with formulas`}>
          {() => <TableView table={catalogueTable()} />}
        </Fold>
        <Fold title="Glossary">{() => <Glossary />}</Fold>
        <Fold title="Environment">{() => <Environment />}</Fold>
        <Fold
          title="Every number of this run"
          brief={
            report ? `${facts.experiments.length} experiments` : 'of a run of yours, or an opened report'
          }
        >
          {() =>
            report ? (
              <EveryNumber report={report} />
            ) : (
              <p class="quiet">
                The reference is an excerpt. A run of this machine, or a report that is opened, is here in
                full.
              </p>
            )
          }
        </Fold>
      </div>
    </section>
  );
}

function Glossary(): JSX.Element {
  const found = useLater(loadGlossary);
  return found ? (
    <dl class="glossary">
      {found.GLOSSARY.map(({ term, meaning }) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  ) : (
    <p class="quiet">One moment…</p>
  );
}

function Environment(): JSX.Element {
  const { facts } = shownRun.value.digest;
  const here = adapter.value;
  return (
    <>
      <p>
        The run shown: {facts.runtime}, {facts.engine} on {facts.adapter};{' '}
        {(facts.checkedBy ?? 'nothing was checked by another engine').split('\n').join('; ')}.
      </p>
      <p>
        This browser: {navigator.hardwareConcurrency} threads, WebGPU{' '}
        {here ? `${here.kind} (${here.name})` : 'not looked for yet'},{' '}
        {crossOriginIsolated ? 'isolated' : 'not isolated: clocks are coarse here, so speeds are too'}.
      </p>
    </>
  );
}

/** The report is read when it is asked for, an experiment at a time. */
function EveryNumber({ report }: { readonly report: Blob }): JSX.Element {
  const load = useMemo(
    () => async () => {
      const [experiments, text] = await Promise.all([loadExperiments(), report.text()]);
      const data = JSON.parse(text) as Report;
      return { data, found: experiments.reached(data) };
    },
    [report],
  );
  const read = useLater(load);
  if (!read) return <p class="quiet">Reading the report…</p>;
  return (
    <>
      {read.found.map(({ experiment, result }) => (
        <Fold key={experiment.name} title={experiment.name} id={`numbers-${experiment.name}`}>
          {() => (
            <SectionView
              section={experiment.view(result, read.data.config)}
              id={`numbers-${experiment.name}`}
            />
          )}
        </Fold>
      ))}
    </>
  );
}
