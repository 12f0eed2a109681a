/**
 * What a generated kernel does for each token, read off its own text: integer operations, loads from storage, accesses to
 * arrays of its own, atomics. Loops count as often as they run; what runs rarely (crowded buckets, the emptying of workgroup
 * counters) and what runs once a ticket is left out. A count of the text, not of what a compiler makes of it.
 */
import type { KernelCounts } from '../../engine.ts';

type Counts = { -readonly [Name in keyof KernelCounts]: number };

const NONE: KernelCounts = { operations: 0, loads: 0, privateAccesses: 0, atomics: 0 };
const STORAGE = /\b(?:guide|joint_mass|automata|thresholds)\[/g;
const PRIVATE = /\b(?:kept|seen)\[/g;
const ATOMIC = /\batomicAdd\(/g;
/** A loop that tests at its end says in a comment how it goes on. */
const LOOP = /^\s*(?:(?:for|while) \((.*)\) \{|loop \{ \/\/ (.*))\s*$/;
const headOf = (line: string): string | undefined => LOOP.exec(line)?.slice(1).find(Boolean);
const BUILT_IN = /\b(?:select|min|max|countOneBits)\(/g;
/** Between two operands, and unary complement; compound assignments hold theirs. */
const OPERATOR = /(?<=[\w)\]] )(?:[-+*/%&|^]|<<|>>|[<>]=?|[=!]=)=? |~/g;

export interface KernelText {
  /** the entry file and the libraries */
  readonly files: readonly string[];
  readonly entryPoint: string;
  /** the loop of the entry point whose body is one pass, by what its condition compares with; what is outside is left out */
  readonly pass: string;
  /** how often a loop runs whose end is no number: by what its condition compares with; the first that is in it counts */
  readonly trips: readonly (readonly [sign: string, count: number])[];
}

/** @returns counts of one pass of the entry point */
export function countOperations({ files, entryPoint, pass, trips }: KernelText): KernelCounts {
  const functions = functionsOf(files.join('\n'));
  const known = new Map<string, KernelCounts>();
  const countsOf = (name: string): KernelCounts => {
    const found = known.get(name);
    if (found) return found;
    const counts = countBody(functions.get(name) ?? [], 1, trips, functions, countsOf);
    known.set(name, counts);
    return counts;
  };
  const body = functions.get(entryPoint) ?? [];
  const start = body.findIndex((line) => headOf(line)?.includes(pass));
  if (start < 0) throw new Error(`${entryPoint}: no loop of its text goes by '${pass}'`);
  return countBody(body.slice(start + 1), 1, trips, functions, countsOf);
}

export const mapCounts = (counts: KernelCounts, change: (count: number) => number): KernelCounts => ({
  operations: change(counts.operations),
  loads: change(counts.loads),
  privateAccesses: change(counts.privateAccesses),
  atomics: change(counts.atomics),
});

/** name → lines of its body */
function functionsOf(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let name: string | null = null;
  for (const raw of text.split('\n')) {
    const line = LOOP.test(raw) ? raw : raw.replace(/\/\/.*$/, '');
    const start = /^fn (\w+)\(/.exec(line);
    if (start) {
      name = start[1];
      const single = /\{ (.*) \}\s*$/.exec(line);
      found.set(name, single ? [single[1]] : []);
      if (single) name = null;
    } else if (line.startsWith('}')) name = null;
    else if (name !== null) found.get(name)?.push(line);
  }
  return found;
}

function countBody(
  lines: readonly string[],
  times: number,
  trips: KernelText['trips'],
  functions: ReadonlyMap<string, unknown>,
  countsOf: (name: string) => KernelCounts,
): KernelCounts {
  const total: Counts = { ...NONE };
  const factors = [times];
  for (const line of lines) {
    const head = headOf(line);
    if (head !== undefined) {
      factors.push(factors[factors.length - 1] * tripCount(head, trips));
      continue;
    }
    const opens = (line.match(/\{/g) ?? []).length - (line.match(/\}/g) ?? []).length;
    for (let close = opens; close < 0; close += 1) factors.pop();
    // The brace that ends the pass.
    if (factors.length === 0) break;
    const factor = factors[factors.length - 1];
    const found = (pattern: RegExp): number => factor * (line.match(pattern) ?? []).length;
    total.operations += found(OPERATOR) + found(BUILT_IN);
    total.loads += found(STORAGE);
    total.privateAccesses += found(PRIVATE);
    total.atomics += found(ATOMIC);
    for (const [, called] of line.matchAll(/\b(\w+)\(/g)) {
      if (!functions.has(called)) continue;
      const own = countsOf(called);
      for (const key of Object.keys(NONE) as (keyof KernelCounts)[]) total[key] += factor * own[key];
    }
    for (let open = opens; open > 0; open -= 1) factors.push(factor);
  }
  return total;
}

/** "var i = 0u; i < 16u; i += 2u" → 8 */
function tripCount(head: string, trips: KernelText['trips']): number {
  const sign = trips.find(([text]) => head.includes(text));
  if (sign) return sign[1];
  const numbers = /< (\d+)u; \w+ \+= (\d+)u/.exec(head);
  return numbers ? Math.ceil(Number(numbers[1]) / Number(numbers[2])) : 0;
}
