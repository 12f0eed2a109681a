/** `estimators`: the catalogue as a table; docs/estimators.md holds the same one. */
import { Option, type Command } from 'commander';
import { printJson, printText } from './output.ts';
import { estimators, families, type Estimator } from '../estimators/estimators.ts';

export interface CatalogueRow {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly correct: string;
  readonly wrong: string;
  readonly estimates: Estimator['objective']['estimates'];
  readonly effectiveAlpha: string;
  readonly domain: string;
  readonly centred: boolean;
  readonly usesK: boolean;
  readonly parameters: readonly { readonly name: string; readonly usual: string; readonly help: string }[];
}

export function catalogueRows(chosen: readonly Estimator[]): CatalogueRow[] {
  return chosen.map(({ id, title, source, formula, objective, domain, centred, usesK }) => ({
    id,
    title,
    source,
    ...formula,
    ...objective,
    domain,
    centred,
    usesK,
    parameters: (families.find((family) => family.id === id.split(':')[0])?.parameters ?? []).map(
      ({ name, usual, help }) => ({ name, usual, help }),
    ),
  }));
}

/** For docs/estimators.md. */
export function catalogueMarkdown(rows: readonly CatalogueRow[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('*', '\\*');
  return [
    '| id | w1(c), correct | w0(c), wrong | alpha_eff | where | centred | source |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) =>
      [
        '',
        `\`${row.id}\`${row.parameters.map(({ name, usual }) => ` \`${name}=${usual}\``).join('')}`,
        cell(row.correct),
        cell(row.wrong),
        cell(alphaText(row)),
        cell(row.domain === '' ? 'everywhere' : row.domain),
        row.centred ? 'yes' : 'no',
        cell(row.source),
        '',
      ]
        .join(' | ')
        .trim(),
    ),
  ].join('\n');
}

/** For a terminal: three lines each, for formulas are long. */
export function catalogueText(rows: readonly CatalogueRow[]): string {
  return rows
    .map((row) => {
      const parameters = row.parameters.map(({ name, usual, help }) => `:${name}=${usual} (${help})`);
      return [
        `${row.id}: ${row.title} (${row.source})`,
        `  w1(c) = ${row.correct};  w0(c) = ${row.wrong}${row.domain === '' ? '' : `;  ${row.domain}`}`,
        `  E G = alpha_eff grad J1, alpha_eff = ${row.effectiveAlpha}${row.estimates === 'other' ? '' : ` (unbiased for ${row.estimates})`}; ${row.centred ? 'centred' : 'not centred'}`,
        ...parameters.map((text) => `  ${text}`),
      ].join('\n');
    })
    .join('\n\n');
}

function alphaText({ estimates, effectiveAlpha }: CatalogueRow): string {
  if (estimates !== 'other') return effectiveAlpha;
  return effectiveAlpha.startsWith('n sum_m') ? 'by the identity' : effectiveAlpha;
}

export function addEstimators(program: Command): void {
  program
    .command('estimators')
    .description('the catalogue: formulas, sources, what each estimates')
    .option('--json', 'print JSON')
    .addOption(new Option('--markdown', 'print the table of docs/estimators.md').conflicts('json'))
    .action((flags: { json?: true; markdown?: true }) => {
      const rows = catalogueRows(estimators);
      if (flags.json) printJson(rows);
      else printText(flags.markdown ? catalogueMarkdown(rows) : catalogueText(rows));
    });
}
