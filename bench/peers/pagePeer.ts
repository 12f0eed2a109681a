/**
 * A library of JavaScript in a browser of its own: what it does to the browser, or to the graphics process, happens to no other.
 */
import type { Page } from 'puppeteer';
import { cpuSecondsOfFamily } from '../browser/cpuTime.ts';
import { endBrowser, launchBrowser, type LaunchedBrowser } from '../browser/launch.ts';
import type { Answer, JobSpec, Peer, PeerFacts } from './job.ts';

/** How the peers' page is opened: as this project's own. */
export interface PagePlace {
  readonly executablePath: string;
  readonly flags: readonly string[];
  readonly url: string;
}

export class PagePeer implements Peer {
  readonly isOwn = false;
  readonly name: string;
  readonly backend: string;
  readonly #library: string;
  readonly #spec: JobSpec;
  readonly #place: () => PagePlace;
  #launched: LaunchedBrowser | undefined;
  #page: Page | undefined;
  /** what ended it, also between two calls */
  #death: Error | null = null;
  #onDeath: (error: Error) => void = () => undefined;

  /** @param place asked when it opens: how to is not known before this project's own engine is open */
  constructor(
    name: string,
    { library, backend }: { readonly library: string; readonly backend: string },
    spec: JobSpec,
    place: () => PagePlace,
  ) {
    this.name = name;
    this.backend = backend;
    this.#library = library;
    this.#spec = spec;
    this.#place = place;
  }

  async open(): Promise<PeerFacts> {
    const { executablePath, flags, url } = this.#place();
    this.#launched = await launchBrowser(executablePath, flags);
    const { browser } = this.#launched;
    browser.on('disconnected', () => this.#die(new Error('the browser ended')));
    const page = await this.#alive(browser.newPage());
    this.#page = page;
    page.on('error', (error) => this.#die(new Error(`the page crashed: ${error.message}`)));
    await this.#alive(page.goto(url, { waitUntil: 'load' }));
    return this.#alive(
      page.evaluate(
        (library, backend, spec) => window.peer.open(library, backend, spec),
        this.#library,
        this.backend,
        this.#spec,
      ),
    );
  }

  async run(batchCount: number): Promise<Answer> {
    const page = this.#page;
    if (page === undefined) throw new Error('run: the page is not open');
    const before = this.#cpuSeconds();
    const answer = await this.#alive(page.evaluate((count) => window.peer.run(count), batchCount));
    const after = this.#cpuSeconds();
    return { ...answer, cpuSeconds: before === null || after === null ? null : after - before };
  }

  async close(): Promise<void> {
    const launched = this.#launched;
    this.#launched = undefined;
    if (launched !== undefined) await endBrowser(launched);
  }

  #cpuSeconds(): number | null {
    const pid = this.#launched?.owned.pid;
    return pid === undefined ? null : cpuSecondsOfFamily(pid);
  }

  #die(error: Error): void {
    this.#death ??= error;
    this.#onDeath(this.#death);
  }

  /** A call into the page, which may die under it. */
  #alive<Value>(call: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#onDeath = reject;
      // What the call itself would say of a page that is gone says less.
      call.then(resolve, (error: unknown) =>
        reject(this.#death ?? (error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }
}
