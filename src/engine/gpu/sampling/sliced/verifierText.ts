/**
 * Text of the verifiers: planes of tokens in, the plane of the correct trajectories out.
 *
 * A sum modulo m is added up in planes, each token as its rest, and asked for its residue at the end. Any other automaton has one
 * plane for each state that a trajectory may be in at a position and still be accepted from; a transition is the plane of the
 * tokens that make it. So a set of sequences is a chain of ands.
 */
import type { Automaton } from '../../../../problem/automaton.ts';
import { ACCEPTED, transitionsOf, type Transition } from '../../../slicedLimits.ts';
import { ALL, andText, chooseText, NONE, orText, type Lines } from './planes.ts';
import type { TokenBit } from './tokenText.ts';

/** Gives the planes of a position's tokens, one for each bit asked for. */
export type TokenPlanes = (t: number, bits: readonly TokenBit[]) => readonly string[];

const bitCount = (greatest: number): number => (greatest === 0 ? 0 : 1 + Math.floor(Math.log2(greatest)));

/** @returns an expression of the lanes whose tokens add up to `residue` modulo `modulus` */
export function sumText(
  lines: Lines,
  { modulus, residue }: { readonly modulus: number; readonly residue: number },
  { vocab, horizon }: { readonly vocab: number; readonly horizon: number },
  tokens: TokenPlanes,
): string {
  const greatest = Math.min(vocab, modulus) - 1;
  const wanted = Array.from(
    { length: bitCount(greatest) },
    (_, bit): TokenBit =>
      (token) =>
        ((token % modulus) >> bit) & 1,
  );
  // Modulo a power of two the carries beyond it are nothing.
  const isPower = (modulus & (modulus - 1)) === 0;
  let total: string[] = [];
  for (let t = 0; t < horizon; t += 1) {
    const own = tokens(t, wanted);
    const width = isPower ? Math.log2(modulus) : bitCount(greatest * (t + 1));
    total = addText(lines, total, own, width, `${t}`);
  }
  return isPower
    ? total.reduce((met, bit, b) => andText(met, (residue >> b) & 1 ? bit : `~${bit}`), ALL)
    : residueText(lines, total, modulus, residue);
}

/** Adds numbers of several planes each, lowest first. */
function addText(
  lines: Lines,
  a: readonly string[],
  b: readonly string[],
  width: number,
  tag: string,
): string[] {
  const sum: string[] = [];
  let carry = NONE;
  for (let bit = 0; bit < width; bit += 1) {
    const [x, y, z] = [a[bit] ?? NONE, b[bit] ?? NONE, carry].sort(
      (p, q) => Number(p === NONE) - Number(q === NONE),
    );
    const isLast = bit === width - 1;
    if (y === NONE) {
      sum.push(x);
      carry = NONE;
    } else if (z === NONE) {
      sum.push(lines.let(`sum_${tag}_${bit}`, `${x} ^ ${y}`));
      carry = isLast ? NONE : lines.let(`carry_${tag}_${bit}`, `${x} & ${y}`);
    } else {
      const half = lines.let(`half_${tag}_${bit}`, `${x} ^ ${y}`);
      sum.push(lines.let(`sum_${tag}_${bit}`, `${half} ^ ${z}`));
      carry = isLast ? NONE : lines.let(`carry_${tag}_${bit}`, `(${x} & ${y}) | (${z} & ${half})`);
    }
  }
  return sum;
}

/** From the highest bit down: the rest that the bits below must still have. */
function residueText(lines: Lines, total: readonly string[], modulus: number, residue: number): string {
  const known = new Map<string, string>();
  const below = (bit: number, rest: number): string => {
    if (bit === 0) return rest === 0 ? ALL : NONE;
    // No number of so few bits has it.
    if (rest >= 2 ** bit && modulus >= 2 ** bit) return NONE;
    const key = `${bit}_${rest}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = 2 ** (bit - 1) % modulus;
    const text = chooseText(
      total[bit - 1],
      below(bit - 1, (rest - value + modulus) % modulus),
      below(bit - 1, rest),
    );
    const plane = text === ALL || text === NONE ? text : lines.let(`rest_${key}`, text);
    known.set(key, plane);
    return plane;
  };
  return below(total.length, residue);
}

/** @returns an expression of the lanes whose trajectories are accepted */
export function automatonText(
  lines: Lines,
  automaton: Automaton,
  { vocab, horizon }: { readonly vocab: number; readonly horizon: number },
  tokens: TokenPlanes,
): string {
  let states = new Map([[automaton.start, ALL]]);
  transitionsOf(automaton, vocab, horizon).forEach((transitions, t) => {
    const sets = new Map(transitions.map((transition) => [keyOf(transition), transition.tokens]));
    const made = tokens(
      t,
      [...sets.values()].map(
        (set): TokenBit =>
          (token) =>
            set.has(token) ? 1 : 0,
      ),
    );
    const planeOf = new Map([...sets.keys()].map((key, i) => [key, made[i]]));
    const ways = new Map<number, string[]>();
    for (const transition of transitions) {
      const { from, to } = transition;
      const way = andText(states.get(from)!, planeOf.get(keyOf(transition))!);
      ways.set(to, [...(ways.get(to) ?? []), way]);
    }
    states = new Map(
      [...ways].map(([to, own]) => {
        const name = `state_${t}_${to === ACCEPTED ? 'accepted' : to}`;
        return [to, lines.let(name, own.length === 1 ? own[0] : orText(own.map((way) => `(${way})`)))];
      }),
    );
  });
  return states.get(ACCEPTED) ?? NONE;
}

const keyOf = ({ tokens }: Transition): string => [...tokens].join();
