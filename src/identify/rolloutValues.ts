/** Rewards and advantages as logs print them: numbers, words, tensors, lists by token. */
import { InputError, shown } from '../input/inputError.ts';
import type { TextRecord } from '../input/records.ts';
import { decimal } from '../input/textInput.ts';

/** Larger values would overflow when squared and summed. */
export const MAX_SIZE = 1e100;

export function listOf(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value as readonly unknown[];
  if (typeof value !== 'string' || !/^\s*\[.*\]\s*$/s.test(value)) return null;
  try {
    const parsed: unknown = JSON.parse(value.replace(/\bTrue\b/g, 'true').replace(/\bFalse\b/g, 'false'));
    return Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

/** "tensor(0.5)" and "0,5" as 0.5. */
function plainNumber(text: string): string {
  const inner = /^tensor\(([^,)]*)/.exec(text)?.[1] ?? text;
  return /^-?\d+,\d+$/.test(inner) ? inner.replace(',', '.') : inner;
}

/** A number as programs print one: "0.5", "True", "tensor(0.5)". */
export function rewardOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (/^(true|yes|correct|pass|passed)$/i.test(text)) return 1;
  if (/^(false|no|incorrect|wrong|fail|failed)$/i.test(text)) return 0;
  const number = decimal(plainNumber(text));
  return Number.isFinite(number) ? number : null;
}

/** float32's 0.10000000149 as 0.1 */
const brief = (value: number): number => Number(value.toPrecision(7));

export function readRewards(
  rows: readonly TextRecord[],
  column: string,
  name: string,
  notes: string[],
): { of: (0 | 1)[]; values: { readonly wrong: number; readonly correct: number } } {
  const numbers = rows.map(({ values, where }) => {
    const list = listOf(values[column]);
    if (list) {
      throw new InputError(
        `${where}, ${column}`,
        'one reward for a rollout',
        `a list of ${list.length}`,
        'rewards by token: log their sum, or whether it was correct',
      );
    }
    const reward = rewardOf(values[column]);
    if (reward === null) throw new InputError(`${where}, ${column}`, 'a reward', shown(values[column]));
    return reward;
  });
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  if (distinct.length > 2) {
    throw new InputError(
      `${name}: ${column}`,
      'rewards of two values, as a verifier gives',
      `${distinct.length}, from ${distinct[0]} to ${distinct[distinct.length - 1]}`,
      'an advantage is a table over c only for right and wrong: name the column that says so, --columns reward=...',
    );
  }
  const [low, high = low] = distinct;
  if (distinct.length === 1 && ![0, 1, -1].includes(low)) {
    throw new InputError(`${rows[0].where}, ${column}`, '0 or 1, or two values', `${low} in every row`);
  }
  const [wrong, correct] =
    distinct.length === 2
      ? [low, high]
      : low > 0
        ? [low === 1 ? 0 : Math.min(0, low), low]
        : [low, low === 0 ? 1 : -low];
  if (distinct.length === 2 && (wrong !== 0 || correct !== 1))
    notes.push(
      `rewards are ${brief(wrong)} and ${brief(correct)}: ${brief(wrong)} is read as wrong, ${brief(correct)} as correct`,
    );
  if (distinct.length === 1) notes.push(`every reward is ${low}`);
  return {
    of: numbers.map((number) => (number === correct ? 1 : 0)),
    values: { wrong: brief(wrong), correct: brief(correct) },
  };
}

export function readAdvantage(
  { values, where }: TextRecord,
  column: string,
  texts: string[],
  notes: string[],
): number | null {
  const value = values[column];
  const list = listOf(value);
  if (list) return oneOfTokens(list, where, column, texts, notes);
  if (value === null || value === undefined) return null;
  const text = typeof value === 'string' ? plainNumber(value.trim()) : shown(value);
  if (/^(|none|null)$/i.test(text)) return null;
  const number = typeof value === 'number' ? value : decimal(text);
  if (!(Math.abs(number) <= MAX_SIZE)) {
    throw new InputError(
      `${where}, ${column}`,
      'a decimal number',
      shown(value),
      /nan/i.test(text) ? 'NaN is what a standard deviation of 0, or of one sample, gives' : undefined,
    );
  }
  texts.push(text);
  return number;
}

/** An advantage by token that is one number all the way, perhaps with zeros where tokens are masked. */
function oneOfTokens(
  list: readonly unknown[],
  where: string,
  column: string,
  texts: string[],
  notes: string[],
): number {
  const numbers = list.map((entry) => rewardOf(entry));
  const distinct = [...new Set(numbers.filter((number) => number !== 0))];
  if (distinct.length > 1 || distinct[0] === null) {
    const seen = distinct.filter((number) => number !== null);
    throw new InputError(
      `${where}, ${column}`,
      'one advantage for a rollout',
      `${list.length} values by token, ${Math.min(...seen)} to ${Math.max(...seen)}`,
      'token-level advantages (KL in the reward, discounting, whitening by token) are no table over c: log the one of the whole response',
    );
  }
  if (!notes.includes(TOKENS)) notes.push(TOKENS);
  const value = distinct[0] ?? 0;
  texts.push(String(value));
  return value;
}

const TOKENS = 'advantages are lists by token, the same at every token';
