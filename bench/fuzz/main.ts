/**
 * `npm run fuzz -- --seconds 60 --seed 1`: hostile texts into every reader. A reader may refuse with an InputError and do
 * nothing else: no other error, no more than two CPU-seconds, no NaN or infinity in what it gives.
 */
import { parseArgs } from 'node:util';
import { InputError } from '../../src/input/inputError.ts';
import { drawsOf, mutated } from './mutate.ts';
import { TARGETS, type Target } from './targets.ts';

const MOST_CPU_SECONDS = 2;

/** @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      /** one input again, as a failure names it */
      only: { type: 'string' },
    },
  });
  const seed = Number(values.seed);
  const end = performance.now() + 1000 * Number(values.seconds);
  const counts = TARGETS.map(() => ({ tried: 0, refused: 0, slowest: 0 }));
  const failures: string[] = [];
  const only = values.only === undefined ? null : Number(values.only);
  for (let input = only ?? 0; only === null ? performance.now() < end : input === only; input += 1) {
    const place = input % TARGETS.length;
    const target = TARGETS[place];
    const draws = drawsOf(seed, input);
    const text = mutated(draws.of(target.seeds), draws);
    if (only !== null) process.stdout.write(`${target.name}: ${JSON.stringify(text)}\n`);
    const found = await attempt(target, text);
    counts[place].tried += 1;
    if (found.refused) counts[place].refused += 1;
    counts[place].slowest = Math.max(counts[place].slowest, found.cpuSeconds);
    if (found.fault === null) continue;
    failures.push(`${target.name}: ${found.fault} (--seed ${seed} --only ${input})`);
    if (failures.length >= 10) break;
  }
  TARGETS.forEach(({ name }, i) => {
    const { tried, refused, slowest } = counts[i];
    process.stdout.write(
      `${name}: ${tried} tried, ${refused} refused, slowest ${slowest.toFixed(2)} CPU-s\n`,
    );
  });
  for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
  const total = counts.reduce((sum, { tried }) => sum + tried, 0);
  process.stdout.write(`${total} inputs, ${failures.length} failures\n`);
  return failures.length > 0 ? 1 : 0;
}

interface Attempt {
  readonly refused: boolean;
  readonly cpuSeconds: number;
  /** in words; null where all was as it should be */
  readonly fault: string | null;
}

async function attempt({ read }: Target, text: string): Promise<Attempt> {
  const before = process.cpuUsage();
  let refused = false;
  let fault: string | null = null;
  try {
    const odd = oddNumber(await read(text), 'result');
    if (odd !== null) fault = odd;
  } catch (error) {
    if (error instanceof InputError) {
      refused = true;
      if (/[\p{C}]/u.test(error.message)) fault = 'a message with unprintable characters';
    } else fault = error instanceof Error ? `${error.name}: ${error.message.slice(0, 120)}` : String(error);
  }
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  if (fault === null && cpuSeconds > MOST_CPU_SECONDS) fault = `${cpuSeconds.toFixed(1)} CPU-seconds`;
  return { refused, cpuSeconds, fault };
}

/** Where a result holds a number that is none; null where nowhere. */
function oddNumber(value: unknown, place: string): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : `${place} is ${value}`;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, item] of Object.entries(value)) {
    const found = oddNumber(item, `${place}.${key}`);
    if (found !== null) return found;
  }
  return null;
}
