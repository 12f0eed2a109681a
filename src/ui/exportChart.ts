/** A chart as a file: its SVG with the page's colours and the legend written into it. */

const LEGEND_ROW = 18;
const PADDING = 12;

/** @param figure as lineChart draws it: an SVG, or a figure with a legend before it */
export function chartSvg(figure: Element, title: string): string {
  const drawn =
    figure instanceof SVGSVGElement
      ? figure
      : figure.querySelector<SVGSVGElement>('svg[width][viewBox]:not([class*=swatch])');
  const charts = [...figure.querySelectorAll<SVGSVGElement>('svg')];
  const source = drawn ?? charts[charts.length - 1];
  const style = getComputedStyle(source);
  const ground = getComputedStyle(document.body).backgroundColor;
  const legend = [...figure.querySelectorAll<HTMLElement>('[class*=swatch]')]
    .filter((entry) => entry.querySelector('svg') !== null && entry.querySelector('[class*=swatch]') === null)
    .map((entry) => ({
      text: entry.textContent.trim(),
      colour: entry.querySelector('svg')?.getAttribute('fill') ?? style.color,
    }));
  const width = Number(source.getAttribute('width'));
  const height = Number(source.getAttribute('height'));
  const top = PADDING + LEGEND_ROW * (legend.length + 1);
  const inner = source.cloneNode(true) as SVGSVGElement;
  inner.setAttribute('x', String(PADDING));
  inner.setAttribute('y', String(top));
  const text = new XMLSerializer().serializeToString(inner).replaceAll('var(--ground)', ground);
  const escaped = (words: string): string =>
    words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const rows = legend.map(
    ({ text: words, colour }, i) =>
      `<rect x="${PADDING}" y="${PADDING + LEGEND_ROW * (i + 1) - 2}" width="12" height="12" fill="${escaped(colour)}"/>` +
      `<text x="${PADDING + 18}" y="${PADDING + LEGEND_ROW * (i + 1) + 9}">${escaped(words)}</text>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width + 2 * PADDING}" height="${height + top + PADDING}" ` +
    `style="background:${escaped(ground)};color:${escaped(style.color)}" font-family="system-ui, sans-serif" font-size="13">` +
    `<rect width="100%" height="100%" fill="${escaped(ground)}"/>` +
    `<g fill="${escaped(style.color)}"><text x="${PADDING}" y="${PADDING + 9}" font-weight="600">${escaped(title)}</text>${rows.join('')}</g>` +
    `${text}</svg>`
  );
}
