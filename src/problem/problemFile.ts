/**
 * Reads a problem file: text in, a validated `ProblemSource` out, or one `InputError` that names the place.
 *
 * Nothing in the file is trusted. Sizes are checked before rows are read, so a small file cannot ask for a large
 * allocation. Limits are part of the contract.
 */
import * as v from 'valibot';
import { automatonEntryCount, compareSequences, type Accept } from './automaton.ts';
import { canonicalJson } from '../input/canonical.ts';
import { InputError, shown } from '../input/inputError.ts';
import { check, checkArray, checkInteger, integerIn, parseJson } from '../input/schema.ts';
import { rowCountOf, type ContextKind, type ProblemSource } from './problem.ts';

export const MAX_VOCAB = 4096;
export const MAX_HORIZON = 4096;
/** prompts × rows × vocab */
export const MAX_POLICY_CELLS = 2 ** 22;
/** states × vocab over the distinct verifiers of a file */
export const MAX_AUTOMATON_ENTRIES = 2 ** 22;
/** A file of the largest legal policy, every number written with 24 characters, stays below this. */
export const MAX_FILE_BYTES = 2 ** 28;
/** Probabilities of a row may miss 1 by this much. */
export const MAX_SUM_DEVIATION = 1e-9;
/** Squares of features times parameters, summed, must stay numbers. */
export const MAX_FEATURE = 1e100;
const MAX_ID_LENGTH = 128;

const header = v.strictObject({
  format: v.literal('passk-problem@1'),
  vocab: integerIn(1, MAX_VOCAB),
  horizon: integerIn(1, MAX_HORIZON),
  context: v.picklist(['none', 'previous']),
  prompts: v.array(v.unknown()),
  features: v.optional(v.array(v.unknown())),
});

const promptHeader = v.strictObject({
  id: v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(MAX_ID_LENGTH),
    // Ids are printed on terminals and pages: no control, format or line separator characters.
    v.regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'expected printable characters'),
  ),
  logits: v.optional(v.array(v.unknown())),
  probabilities: v.optional(v.array(v.unknown())),
  accept: v.unknown(),
});

const acceptKinds = {
  sequences: v.strictObject({ sequences: v.array(v.unknown()) }),
  sum: v.strictObject({ sum: v.strictObject({ modulus: v.number(), residue: v.number() }) }),
  automaton: v.strictObject({
    automaton: v.strictObject({
      start: v.number(),
      accept: v.array(v.unknown()),
      next: v.array(v.unknown()),
    }),
  }),
};

/**
 * @param text the file's content
 * @param name what to call the file in an error
 * @throws InputError
 */
export function parseProblem(text: string, name = 'problem'): ProblemSource {
  return validateProblem(parseJson(text, name), name);
}

/** @throws InputError where a policy would be too large: before it is made, and when it is read */
export function checkCellCount(promptCount: number, rowCount: number, vocab: number, name: string): void {
  const cellCount = promptCount * rowCount * vocab;
  if (cellCount <= MAX_POLICY_CELLS) return;
  throw new InputError(
    name,
    `at most ${MAX_POLICY_CELLS} policy entries (prompts x rows x vocab)`,
    `${promptCount} x ${rowCount} x ${vocab} = ${cellCount}`,
    'use fewer prompts, a shorter horizon or a smaller vocabulary',
  );
}

/**
 * @param data parsed JSON
 * @throws InputError
 */
export function validateProblem(data: unknown, name = 'problem'): ProblemSource {
  const { vocab, horizon, context, prompts, features } = check(header, data, name);
  if (prompts.length === 0) throw new InputError(`${name}: prompts`, 'at least one prompt', 'none');
  const rowCount = rowCountOf(context, vocab, horizon);
  checkCellCount(prompts.length, rowCount, vocab, name);
  const headers = prompts.map((prompt, index) => check(promptHeader, prompt, `${name}: prompts[${index}]`));
  const ids = new Map<string, number>();
  headers.forEach(({ id }, index) => {
    const first = ids.get(id);
    if (first !== undefined) {
      throw new InputError(
        `${name}: prompts[${index}].id`,
        'a distinct id',
        `${shown(id)}, as prompts[${first}]`,
      );
    }
    ids.set(id, index);
  });
  const shape = { vocab, horizon, context, rowCount };
  checkVerifiers(headers, shape, name);
  headers.forEach((prompt, index) => checkPolicy(prompt, shape, `${name}: prompts[${index}]`));
  if (features) checkFeatures(features, prompts.length, rowCount * vocab, name);
  return data as ProblemSource;
}

interface Shape {
  readonly vocab: number;
  readonly horizon: number;
  readonly context: ContextKind;
  readonly rowCount: number;
}

type PromptHeader = v.InferOutput<typeof promptHeader>;

function checkVerifiers(prompts: readonly PromptHeader[], shape: Shape, name: string): void {
  const entryCounts = new Map<string, number>();
  prompts.forEach((prompt, index) => {
    const where = `${name}: prompts[${index}].accept`;
    checkAccept(prompt.accept, shape, where);
    const accept = prompt.accept as Accept;
    entryCounts.set(canonicalJson(accept), automatonEntryCount(accept, shape.vocab, shape.horizon));
    const total = [...entryCounts.values()].reduce((sum, count) => sum + count, 0);
    if (total > MAX_AUTOMATON_ENTRIES) {
      throw new InputError(
        where,
        `at most ${MAX_AUTOMATON_ENTRIES} automaton entries (states x vocab, over distinct verifiers)`,
        String(total),
        'use a smaller modulus, fewer states or fewer sequences',
      );
    }
  });
}

function checkAccept(accept: unknown, shape: Shape, where: string): void {
  if (typeof accept !== 'object' || accept === null || Array.isArray(accept)) {
    throw new InputError(where, 'an object', shown(accept));
  }
  if ('sum' in accept) {
    const { modulus, residue } = check(acceptKinds.sum, accept, where).sum;
    checkInteger(modulus, 1, MAX_AUTOMATON_ENTRIES, `${where}.sum.modulus`);
    checkInteger(residue, 0, modulus - 1, `${where}.sum.residue`);
  } else if ('sequences' in accept) {
    const listed = check(acceptKinds.sequences, accept, where).sequences;
    if (listed.length === 0) {
      throw new InputError(`${where}.sequences`, 'at least one sequence', 'none');
    }
    const sequences = listed.map((sequence, index) => {
      const place = `${where}.sequences[${index}]`;
      const tokens = checkArray(sequence, shape.horizon, 'tokens', place);
      tokens.forEach((token, t) => checkInteger(token, 0, shape.vocab - 1, `${place}[${t}]`));
      return { index, tokens: tokens as number[] };
    });
    sequences.sort((a, b) => compareSequences(a.tokens, b.tokens) || a.index - b.index);
    for (let i = 1; i < sequences.length; i += 1) {
      if (compareSequences(sequences[i - 1].tokens, sequences[i].tokens) === 0) {
        throw new InputError(
          `${where}.sequences[${sequences[i].index}]`,
          'distinct sequences',
          `the same as sequences[${sequences[i - 1].index}]`,
          'remove one',
        );
      }
    }
  } else if ('automaton' in accept) {
    const { start, accept: accepting, next } = check(acceptKinds.automaton, accept, where).automaton;
    const place = `${where}.automaton`;
    const stateCount = next.length;
    if (stateCount === 0) throw new InputError(`${place}.next`, 'at least one state', 'none');
    if (stateCount * shape.vocab > MAX_AUTOMATON_ENTRIES) {
      throw new InputError(
        `${place}.next`,
        `at most ${MAX_AUTOMATON_ENTRIES} entries`,
        `${stateCount} states x ${shape.vocab} tokens`,
      );
    }
    checkInteger(start, 0, stateCount - 1, `${place}.start`);
    accepting.forEach((state, i) => checkInteger(state, 0, stateCount - 1, `${place}.accept[${i}]`));
    next.forEach((row, state) => {
      const targets = checkArray(row, shape.vocab, 'states', `${place}.next[${state}]`);
      targets.forEach((to, token) =>
        checkInteger(to, 0, stateCount - 1, `${place}.next[${state}][${token}]`),
      );
    });
  } else {
    const keys = Object.keys(accept).map((key) => shown(key));
    throw new InputError(
      where,
      "one of 'sequences', 'sum' and 'automaton'",
      keys.length > 0 ? keys.slice(0, 3).join(', ') : 'none of them',
    );
  }
}

function checkPolicy(prompt: PromptHeader, shape: Shape, where: string): void {
  const { logits, probabilities } = prompt;
  if ((logits === undefined) === (probabilities === undefined)) {
    throw new InputError(where, "one of 'logits' and 'probabilities'", logits ? 'both' : 'neither');
  }
  const key = logits ? 'logits' : 'probabilities';
  const rows = logits ?? probabilities ?? [];
  checkArray(rows, shape.horizon, shape.context === 'none' ? 'rows' : 'positions', `${where}.${key}`);
  rows.forEach((position, t) => {
    const place = `${where}.${key}[${t}]`;
    if (shape.context === 'none') {
      checkRow(position, shape.vocab, key, place);
    } else {
      const contexts = checkArray(position, t === 0 ? 1 : shape.vocab, 'rows, one per context', place);
      contexts.forEach((row, u) => checkRow(row, shape.vocab, key, `${place}[${u}]`));
    }
  });
}

function checkRow(row: unknown, vocab: number, key: 'logits' | 'probabilities', where: string): void {
  const numbers = checkArray(row, vocab, 'numbers', where);
  let sum = 0;
  for (let token = 0; token < vocab; token += 1) {
    const value = numbers[token];
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new InputError(`${where}[${token}]`, 'a finite number', shown(value));
    }
    if (key === 'probabilities' && value < 0) {
      throw new InputError(`${where}[${token}]`, 'a probability >= 0', shown(value));
    }
    sum += value;
  }
  if (key === 'probabilities' && !(Math.abs(sum - 1) <= MAX_SUM_DEVIATION)) {
    throw new InputError(where, `probabilities with |sum - 1| <= ${MAX_SUM_DEVIATION}`, `a sum of ${sum}`);
  }
}

function checkFeatures(
  features: readonly unknown[],
  promptCount: number,
  cellCount: number,
  name: string,
): void {
  const where = `${name}: features`;
  checkArray(features, promptCount, 'rows, one per prompt', where);
  const first = features[0];
  const width = Array.isArray(first) ? first.length : 0;
  if (width === 0) throw new InputError(`${where}[0]`, 'at least one feature', shown(first));
  if (width * cellCount > MAX_POLICY_CELLS) {
    throw new InputError(where, `at most ${MAX_POLICY_CELLS} shared parameters`, `${width} x ${cellCount}`);
  }
  features.forEach((row, index) => {
    const numbers = checkArray(row, width, 'numbers', `${where}[${index}]`);
    numbers.forEach((value, f) => {
      if (typeof value !== 'number' || !(Math.abs(value) <= MAX_FEATURE)) {
        throw new InputError(`${where}[${index}][${f}]`, `a number within ±${MAX_FEATURE}`, shown(value));
      }
    });
  });
}
