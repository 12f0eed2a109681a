/**
 * Peers take turns: each is opened, sized so that a job takes about the time asked for, and warmed up; then round after round
 * each does one job, in an order drawn for every round, so that what the machine does meanwhile meets all alike. Nothing that a
 * peer does ends the race: one that fails, or does not answer, is out, with the reason.
 */
import { openStream } from '../../src/math/random/stream.ts';
import type { Answer, Peer, PeerFacts } from './job.ts';

export interface RaceOptions {
  /** about how long a job shall take */
  readonly seconds: number;
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
  /** how long a peer may be silent; tests are less patient */
  readonly limits?: Limits;
}

interface Limits {
  /** as it opens, and at its first job, which compiles */
  readonly openingMs: number;
  readonly jobMs: number;
}

/** What became of a peer. */
export interface Runner {
  readonly peer: Peer;
  readonly facts: PeerFacts | null;
  /** of the rounds, in their order: all of them, unless it failed */
  readonly answers: readonly Answer[];
  /** why it was taken out; null where it was not */
  readonly failure: string | null;
}

const OPENING_MS = 60_000;
/** A job may take so many times the time asked for, and this long at least: the first ones are of unknown length. */
const PATIENCE = 20;
const LEAST_PATIENCE_MS = 30_000;

const limitsOf = ({ seconds, limits }: RaceOptions): Limits =>
  limits ?? { openingMs: OPENING_MS, jobMs: Math.max(LEAST_PATIENCE_MS, 1000 * PATIENCE * seconds) };

/** A first job tells little of a long one: sizes grow at most by this factor at a time. */
const GROWTH = 16;
/** Near enough to the time asked for. */
const NEAR = 0.6;
const MOST_BATCHES = 2 ** 20;
/** Draw id of the orders' stream: no other draws share it. */
const ORDER_ID = 0x6f726472;

interface Entry {
  readonly peer: Peer;
  facts: PeerFacts | null;
  batchCount: number;
  readonly answers: Answer[];
  failure: string | null;
}

export async function race(peers: readonly Peer[], options: RaceOptions): Promise<readonly Runner[]> {
  const { rounds, seed, say } = options;
  const entries = peers.map((peer): Entry => ({
    peer,
    facts: null,
    batchCount: 1,
    answers: [],
    failure: null,
  }));
  const nameOf = ({ peer }: Entry): string => `${peer.name} ${peer.backend}`;
  const attempt = async (entry: Entry, work: () => Promise<void>): Promise<void> => {
    if (entry.failure !== null) return;
    try {
      await work();
    } catch (error) {
      entry.failure = reasonOf(error);
      say(`${nameOf(entry)}: ${entry.failure}`);
      await entry.peer.close().catch(() => undefined);
    }
  };
  try {
    for (const entry of entries) {
      say(`opening ${nameOf(entry)}`);
      await attempt(entry, () => prepare(entry, options));
    }
    for (let round = 0; round < rounds; round += 1) {
      say(`round ${round + 1} of ${rounds}`);
      for (const entry of shuffled(entries, seed, round)) {
        await attempt(entry, async () => void entry.answers.push(await job(entry, options)));
      }
    }
  } finally {
    await Promise.all(entries.map(({ peer }) => peer.close().catch(() => undefined)));
  }
  return entries;
}

/** Opens, finds the size, and warms up at that size; what these jobs took is forgotten. */
async function prepare(entry: Entry, options: RaceOptions): Promise<void> {
  entry.facts = await within(limitsOf(options).openingMs, entry.peer.open());
  await within(limitsOf(options).openingMs, entry.peer.run(1));
  for (;;) {
    const { seconds } = await job(entry, options);
    if (seconds >= NEAR * options.seconds || entry.batchCount >= MOST_BATCHES) break;
    const factor = Math.min(GROWTH, options.seconds / Math.max(seconds, 1e-6));
    entry.batchCount = Math.min(
      MOST_BATCHES,
      Math.max(entry.batchCount + 1, Math.round(factor * entry.batchCount)),
    );
  }
}

function job({ peer, batchCount }: Entry, options: RaceOptions): Promise<Answer> {
  return within(limitsOf(options).jobMs, peer.run(batchCount));
}

/** @throws Error that says how long was waited */
async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Fisher and Yates, seeded. */
function shuffled<Item>(items: readonly Item[], seed: number, round: number): Item[] {
  const words = openStream(seed, ORDER_ID, 0, round, 0);
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = words() % (last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** One line; where it comes from a page, without the wire's words before it. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0].replace(/^(Protocol error \([^)]*\): )/, '');
}
