/** A chart as a file: SVG with the page's colours, its title and its key written into it; PNG; CSV. */
import type { LineChart } from '../../view/section.ts';
import { looksOf } from './looks.ts';
import { chartText } from './texts.ts';

const PADDING = 16;
const ROW = 18;
/** Pixels of a letter, about. */
const CHARACTER = 7;
/** Pixels of a PNG for one of the chart. */
const PNG_SCALE = 2;

/** Control characters are no XML. */
const escaped = (words: string): string =>
  words
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** The tokens of styles/base.css as paper has them: the light ones, whatever the screen has. */
function paperTokens(): CSSStyleDeclaration | null {
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules)
      if (
        rule instanceof CSSStyleRule &&
        rule.selectorText === ':root' &&
        rule.style.getPropertyValue('--bg') !== ''
      )
        return rule.style;
  return null;
}

/** @param drawn the chart's own svg */
export function chartSvg(drawn: SVGSVGElement, chart: LineChart): string {
  const tokens = paperTokens() ?? getComputedStyle(drawn);
  const token = (name: string): string => tokens.getPropertyValue(name).trim();
  const [width, height] = [drawn.clientWidth, drawn.clientHeight];
  const keys = [...looksOf(chart.series)].filter(([name]) =>
    drawn.querySelector(`[data-series="${CSS.escape(name)}"]`),
  );
  const inner = drawn.cloneNode(true) as SVGSVGElement;
  for (const attribute of ['class', 'tabindex', 'role', 'aria-label']) inner.removeAttribute(attribute);
  for (const mark of inner.querySelectorAll('[data-screen]')) mark.remove();
  // Keys side by side, in as many lines as they need.
  let [left, line] = [PADDING, 0];
  const key = keys.map(([name, { colour, glyph }]) => {
    const room = CHARACTER * (name.length + 4);
    if (left + room > width + PADDING && left > PADDING) [left, line] = [PADDING, line + 1];
    const x = left;
    left += room;
    const text = `${glyph} ${chartText(name)}`;
    return `<text x="${x}" y="${PADDING + ROW * (line + 2)}" fill="${escaped(token(colour.slice(4, -1)))}">${escaped(text)}</text>`;
  });
  const top = PADDING + ROW * (line + 3);
  inner.setAttribute('x', String(PADDING));
  inner.setAttribute('y', String(top));
  inner.setAttribute('width', String(width));
  inner.setAttribute('height', String(height));
  const text = new XMLSerializer()
    .serializeToString(inner)
    .replaceAll(/var\((--[a-z0-9-]+)\)/g, (_, name: string) => token(name));
  const ink = escaped(token('--ink'));
  const [outerWidth, outerHeight] = [width + 2 * PADDING, height + top + PADDING];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${outerWidth}" height="${outerHeight}" viewBox="0 0 ${outerWidth} ${outerHeight}" ` +
    `font-family="system-ui, sans-serif" font-size="12"><rect width="100%" height="100%" fill="${escaped(token('--bg'))}"/>` +
    `<text x="${PADDING}" y="${PADDING + 10}" font-weight="600" fill="${ink}">${escaped(chartText(chart.name))}</text>${key.join('')}${text}</svg>`
  );
}

export async function chartPng(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = PNG_SCALE * image.width;
  canvas.height = PNG_SCALE * image.height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser draws no canvas');
  context.scale(PNG_SCALE, PNG_SCALE);
  context.drawImage(image, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('this browser writes no PNG'))),
      'image/png',
    );
  });
}

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then; some browsers read the URL a little later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** "Pass@k of before, after" → "pass-k-of-before-after" */
export const fileStem = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 90)
    .replace(/-$/, '');

export async function saveChart(
  kind: 'svg' | 'png' | 'csv',
  drawn: SVGSVGElement,
  chart: LineChart,
): Promise<void> {
  const name = `${fileStem(chart.name)}.${kind}`;
  if (kind === 'csv') {
    const { csvOf } = await import('./csv.ts');
    save(new Blob([csvOf(chart)], { type: 'text/csv' }), name);
    return;
  }
  const svg = chartSvg(drawn, chart);
  save(kind === 'svg' ? new Blob([svg], { type: 'image/svg+xml' }) : await chartPng(svg), name);
}
