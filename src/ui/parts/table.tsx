/** Tables (view/section.ts) on the page: framed, so that a wide one never widens the page; long ones come in slices. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Cell, Table } from '../../view/section.ts';
import { Words } from './words.tsx';

/** Rows that are made at once: more would hold the page up. */
const SLICE = 40;
/** So many are seen without scrolling. */
const SEEN = 18;

const MARKS = {
  agree: '✓',
  'not rejected': '✓',
  disagree: '✗',
  inconclusive: '?',
  'out of reach': '∞',
} as const;

function CellView({ cell }: { readonly cell: Cell }): JSX.Element {
  if (typeof cell === 'string') return <Words>{cell}</Words>;
  const { text, verdict, note, hint } = cell;
  return (
    <span
      class={`cell ${verdict?.replaceAll(' ', '-') ?? ''}`}
      title={hint && (verdict ? `${verdict}; ${hint}` : hint)}
    >
      {verdict && (
        <>
          <span aria-hidden="true">{MARKS[verdict]} </span>
          <span class="hidden">{verdict}: </span>
        </>
      )}
      {text}
      {note && <small>{note}</small>}
    </span>
  );
}

/** @param level of its heading; without a title there is none */
export function TableView({ table }: { readonly table: Table }): JSX.Element {
  const { title, head, rows } = table;
  const [count, setCount] = useState(SLICE);
  useEffect(() => {
    setCount(SLICE);
  }, [table]);
  useEffect(() => {
    if (count >= rows.length) return;
    const frame = requestAnimationFrame(() => setCount(count + SLICE));
    return () => cancelAnimationFrame(frame);
  }, [count, rows]);
  return (
    <div class="table">
      {title !== '' && (
        <p class="table-title">
          <Words>{title}</Words>
          {rows.length > SEEN ? ` (${rows.length} rows, in a frame that scrolls)` : ''}
        </p>
      )}
      <div class="frame" tabIndex={0} role="group" aria-label={title === '' ? 'table' : title}>
        <table>
          <thead>
            <tr>
              {head.map((text, i) => (
                <th key={i} scope="col">
                  <Words>{text}</Words>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, count).map(([first, ...cells], i) => (
              <tr key={i}>
                <th scope="row">
                  <CellView cell={first} />
                </th>
                {cells.map((cell, j) => (
                  <td key={j}>
                    <CellView cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
