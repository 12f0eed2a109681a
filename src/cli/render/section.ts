/** A section of what was found, for a terminal: sentences and tables; charts are for the page. */
import type { Cell, Part, Section, Table } from '../../view/section.ts';
import { plainTable } from './plainTable.ts';

const LINE_WIDTH = 118;

export function sectionText({ title, parts }: Section): string {
  return [title, ...parts.flatMap(partText)].join('\n');
}

function partText(part: Part): string[] {
  if (typeof part === 'string') return [wrapped(part)];
  return part.kind === 'table' ? [tableText(part)] : [];
}

export function tableText({ title, head, rows }: Table): string {
  const text = plainTable(
    indented(head),
    rows.map((row) => indented(row.map(cellText))),
  );
  return title === '' ? text : `${title}\n${text}`;
}

const indented = ([first, ...rest]: readonly string[]): string[] => [`  ${first}`, ...rest];

function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** Breaks a sentence into lines, set in by two; those after the first by four. */
export function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.trimStart().split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= LINE_WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? `  ${word}` : `    ${word}`);
  }
  return lines.join('\n');
}
