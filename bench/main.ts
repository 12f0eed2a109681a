/** The top of the house: joins the command line with the hosts, the server and the build that it is started with. */
import { main as commandLine } from '../src/cli/main.ts';
import { servePage } from './browser/serve.ts';
import { openHost, type Built } from './hosts.ts';

/** @param args without node and script @returns the exit code */
export function main(args: readonly string[], built: Built): Promise<number> {
  return commandLine(args, {
    buildPage: built.buildPage,
    servePage,
    openHost: (choice, say) => openHost(choice, built, say),
  });
}
