/** `glossary`: the words of the summary. */
import { Option, type Command } from 'commander';
import { GLOSSARY } from '../view/glossary.ts';
import { printJson, printText } from './output.ts';

/** The lines of the README. */
export const glossaryMarkdown = (): string =>
  GLOSSARY.map(({ term, meaning }) => `- **${term}**: ${meaning.replaceAll('*', '\\*')}`).join('\n');

export function addGlossary(program: Command): void {
  const width = Math.max(...GLOSSARY.map(({ term }) => term.length));
  program
    .command('glossary')
    .description('the words of the summary, a line each')
    .option('--json', 'print JSON')
    .addOption(new Option('--markdown', 'print the list of the README').conflicts('json'))
    .action((flags: { json?: true; markdown?: true }) => {
      if (flags.json) printJson(GLOSSARY);
      else if (flags.markdown) printText(glossaryMarkdown());
      else printText(GLOSSARY.map(({ term, meaning }) => `${term.padEnd(width)}  ${meaning}`).join('\n'));
    });
}
