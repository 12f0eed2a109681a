/** Builds the page once and serves it to every test that opens a browser. */
import type { TestProject } from 'vitest/node';
import { findBrowser } from '../bench/browser/find.ts';
import { servePage } from '../bench/browser/serve.ts';
import { build } from '../bench/build.mjs';

declare module 'vitest' {
  export interface ProvidedContext {
    pageUrl: string;
    pageFolder: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  findBrowser((line) => void process.stderr.write(`${line}\n`), true);
  const folder = await build('page');
  const server = await servePage(folder);
  project.provide('pageUrl', server.url);
  project.provide('pageFolder', folder);
  return () => {
    server.close();
  };
}
