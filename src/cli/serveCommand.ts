/** `serve`: the page for a person's browser. */
import type { Command } from 'commander';
import { EXIT } from './exit.ts';
import { InputError } from '../input/inputError.ts';
import { readInteger } from '../input/textInput.ts';
import { printText } from './output.ts';
import type { Tools } from './tools.ts';

export function addServe(program: Command, tools: Tools): void {
  program
    .command('serve')
    .description('serves the page on 127.0.0.1 (npm start)')
    .option('--port <port>', '0 for any free one', '8123')
    .action(async (flags: { port: string }) => {
      const port = readInteger(flags.port, '--port', 0, 65535);
      if (tools.buildPage === null) {
        throw new InputError(
          'serve',
          'the page',
          'a portable package, which has none',
          'use a checkout: npm start',
        );
      }
      const folder = await tools.buildPage();
      const server = await tools.lifetime
        .hold(() => tools.servePage(folder, port))
        .catch((error: unknown) => {
          throw new InputError(
            '--port',
            'a free port',
            `${port} (${error instanceof Error ? error.message : String(error)})`,
            'name another',
          );
        });
      printText(`passk-bench is at ${server.url} (Ctrl-C ends it)`);
      const keepAlive = setInterval(() => undefined, 60_000);
      await tools.lifetime.stopped().finally(() => clearInterval(keepAlive));
      tools.exit(EXIT.interrupted);
    });
}
