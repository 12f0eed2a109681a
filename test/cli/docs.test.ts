/** What the README says of the command line is what the command line does. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { glossaryMarkdown } from '../../src/cli/glossaryCommand.ts';
import { claimsOf } from '../../src/lab/suite/claims.ts';
import { GLOSSARY } from '../../src/view/glossary.ts';
import { passk } from './process.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('the glossary stands in the README, a line each', () => {
  expect(readme).toContain(glossaryMarkdown());
  const { status, stdout } = passk('glossary');
  expect([status, stdout.trim().split('\n').length]).toEqual([0, GLOSSARY.length]);
});

test('the screen in the README has every claim, and the words of its verdicts are explained', () => {
  for (const { title } of claimsOf({})) expect(readme).toContain(title);
  const terms = GLOSSARY.map(({ term }) => term).join(', ');
  for (const word of [
    'holds',
    'holds if',
    'not its own',
    'fails',
    'undecided',
    'inconclusive',
    'out of reach',
    'SNR',
  ]) {
    expect(terms).toContain(word);
  }
});

test('every command is in the README', () => {
  const commands = [...passk('--help').stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  expect(commands.length).toBeGreaterThan(10);
  const named = commands.filter((name) => !['serve', 'help'].includes(name));
  for (const name of named) expect(readme, name).toMatch(new RegExp(`\`${name}[ \`]`));
});

test('the catalogue as CSV is what weights prints', async () => {
  const { estimators } = await import('../../src/estimators/estimators.ts');
  const { weightRows } = await import('../../src/identify/weightRows.ts');
  const { weightsCsv } = await import('../../src/cli/weightsCommand.ts');
  const csv = readFileSync(new URL('../../docs/catalogue.csv', import.meta.url), 'utf8');
  expect(csv).toBe(`${weightsCsv(weightRows(estimators, [8], [1, 2, 4], 'mean').rows, 'mean')}\n`);
});
