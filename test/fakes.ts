/** Samplers that are wrong on purpose, and a watcher that wants nothing. */
import type { Engine } from '../src/engine/engine.ts';
import type { WeightTable } from '../src/estimators/weightTables.ts';
import type { Lab } from '../src/lab/experiment.ts';
import type { Config } from '../src/lab/settings.ts';
import type { RunWatcher } from '../src/lab/watcher.ts';
import { TwinEngine } from '../src/engine/twin/twinEngine.ts';
import type { SamplerEvent, SamplingJob } from '../src/engine/sampler.ts';
import type { PromptTally } from '../src/engine/tally.ts';

export const watcher: RunWatcher = {
  signal: new AbortController().signal,
  onProgress: () => undefined,
};

/** What an experiment is run with. */
export function lab(
  config: Config,
  engine: Engine,
  watching: RunWatcher = watcher,
  own: readonly WeightTable[] = [],
): Lab {
  return { config, engine, watcher: watching, own };
}

/** The CPU twin with every tally changed. */
export class FaultyEngine extends TwinEngine {
  readonly #change: (tally: PromptTally) => void;

  constructor(change: (tally: PromptTally) => void) {
    super();
    this.#change = change;
  }

  override async *sample(job: SamplingJob): AsyncGenerator<SamplerEvent, void, void> {
    for await (const event of super.sample(job)) {
      if (event.kind === 'chunks') for (const { tally } of event.chunks) this.#change(tally);
      yield event;
    }
  }
}

/** One group in `every` counted with a success too many. */
export function miscount(every: number): (tally: PromptTally) => void {
  return ({ groups }) => {
    for (let c = groups.length - 2; c >= 0; c -= 1) {
      const moved = Math.floor(groups[c] / every);
      groups[c] -= moved;
      groups[c + 1] += moved;
    }
  };
}

/** One in `every` tokens of correct trajectories counted as the next token: only counts by token show it. */
export function mistaken(every: number): (tally: PromptTally) => void {
  return ({ counts, groups }) => {
    if (!counts) return;
    const cells = counts.length / groups.length / 2;
    for (let c = 0; c < groups.length; c += 1) {
      const first = (2 * c + 1) * cells;
      const moved = Math.floor(counts[first] / every);
      counts[first] -= moved;
      counts[first + cells - 1] += moved;
    }
  };
}
