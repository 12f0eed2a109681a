/** Text of a prompt's verifier where trajectories are judged one by one: what is read of it, and the verdict. */
import { range } from '../../text/lines.ts';
import type { RowShape } from './shape.ts';

/** What a group reads of its prompt's verifier before its first draw. */
export function verifierValues({ horizon, verifier }: RowShape): string[] {
  switch (verifier.kind) {
    case 'sum':
      return [
        'let modulus = as_float(verifiers[verifier_first]); let residue = as_float(verifiers[verifier_first + 1u]);',
        'let sum_bits = verifiers[verifier_first + 2u]; let per_modulus = 1.0 / modulus;',
      ];
    case 'sequences':
      return range(verifier.count).flatMap((m) => {
        const first = m * (horizon + 1);
        return [
          ...range(horizon).map((t) => `let accepted_${m}_${t} = verifiers[verifier_first + ${first + t}u];`),
          `let bits_${m} = verifiers[verifier_first + ${first + horizon}u];`,
        ];
      });
    case 'tokens':
    case 'table':
      return [
        'let verdict_first = prompts[prompt * PROMPT_WORDS + 1u];',
        'let start_state = prompts[prompt * PROMPT_WORDS + 2u];',
      ];
  }
}

/** `verdict`, from the tokens of the trajectory or what was made of them on the way. */
export function verdictText({ horizon, verifier }: RowShape): string[] {
  switch (verifier.kind) {
    case 'sum':
      return ['let verdict = select(0u, sum_bits, leaves(total, modulus, per_modulus, residue));'];
    case 'sequences': {
      const met = range(verifier.count).map((m) => {
        const other = range(horizon).map((t) => `(token_${t} ^ accepted_${m}_${t})`);
        return `select(0u, bits_${m}, (${other.join(' | ')}) == 0u)`;
      });
      return [`let verdict = ${met.join(' | ') || '0u'};`];
    }
    case 'tokens':
    case 'table':
      return ['let verdict = verifiers[verdict_first + automaton];'];
  }
}
