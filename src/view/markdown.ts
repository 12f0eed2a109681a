/** Sections as Markdown. Every text comes from outside as far as this file knows: nothing in it may become markup. */
import type { Cell, Part, Section, Table } from './section.ts';

/**
 * A text that stays text in Markdown: no cell, tag, link, mention, heading or emphasis begins in it, and no line ends. The
 * backslash goes first, so that what is escaped already is not undone.
 */
export function markdownText(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(/[|<>[\]`*_~]/g, '\\$&')
    .replaceAll(/[@#]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll(/\s*[\r\n\u0085\u2028\u2029]+\s*/g, ' ');
}

export function tableMarkdown({ title, head, rows }: Table): string {
  return [
    ...(title === '' ? [] : [`### ${markdownText(title)}`, '']),
    row(head),
    `| ${head.map((_, i) => (i === 0 ? '---' : '---:')).join(' | ')} |`,
    ...rows.map((cells) => row(cells.map(cellText))),
  ].join('\n');
}

const row = (texts: readonly string[]): string => `| ${texts.map(markdownText).join(' | ')} |`;

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  return cell.note === undefined ? cell.text : `${cell.text} (${cell.note})`;
}

/** Charts and what depends on a choice are left to the page. */
export function sectionMarkdown({ title, parts }: Section): string {
  return [`## ${markdownText(title)}`, ...parts.flatMap(partMarkdown)].join('\n\n');
}

function partMarkdown(part: Part): string[] {
  if (typeof part === 'string') return [markdownText(part)];
  switch (part.kind) {
    case 'table':
      return [tableMarkdown(part)];
    case 'fold':
      return part.parts.flatMap(partMarkdown);
    case 'chart':
    case 'chosen':
      return [];
  }
}
