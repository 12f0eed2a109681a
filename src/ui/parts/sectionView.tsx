/** A section of what was found (view/section.ts): words, tables, charts with choosers, folds. */
import type { JSX } from 'preact';
import type { Chosen, Part, Section } from '../../view/section.ts';
import { fileStem } from '../chart/exportChart.ts';
import { ChartFigure, Choosers, useChoice } from '../chart/figure.tsx';
import { Fold } from './fold.tsx';
import { TableView } from './table.tsx';
import { Words } from './words.tsx';

export function SectionView({
  section,
  id,
}: {
  readonly section: Section;
  readonly id: string;
}): JSX.Element {
  return (
    <div class="section">
      <h3>
        <Words>{section.title}</Words>
      </h3>
      {section.parts.map((part, i) => (
        <PartView key={i} part={part} id={`${id}-${i + 1}`} />
      ))}
    </div>
  );
}

function PartView({ part, id }: { readonly part: Part; readonly id: string }): JSX.Element {
  if (typeof part === 'string')
    return (
      <p>
        <Words>{part}</Words>
      </p>
    );
  switch (part.kind) {
    case 'table':
      return <TableView table={part} />;
    case 'fold':
      return (
        <Fold title={part.title}>
          {() => part.parts.map((inner, i) => <PartView key={i} part={inner} id={`${id}-${i + 1}`} />)}
        </Fold>
      );
    case 'chart':
      return <ChartFigure id={`${id}-${fileStem(part.name).slice(0, 24)}`} chart={part} />;
    case 'chosen':
      return <ChosenView part={part} id={id} />;
  }
}

function ChosenView({
  part: { choosers, show },
  id,
}: {
  readonly part: Chosen;
  readonly id: string;
}): JSX.Element {
  const choice = useChoice(id, choosers);
  return (
    <>
      <Choosers id={id} choosers={choosers} choice={choice} />
      {show(choice).map((part, i) =>
        part.kind === 'chart' ? (
          <ChartFigure key={i} id={`${id}-${i + 1}`} chart={part} />
        ) : (
          <TableView key={i} table={part} />
        ),
      )}
    </>
  );
}
