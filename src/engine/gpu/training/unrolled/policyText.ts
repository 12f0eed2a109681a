/** Text of a policy row: logits, then integer masses and their sums. */
import { range } from '../../text/lines.ts';
import type { UnrolledShape } from './shape.ts';

/** A row in the text. */
export interface RowText {
  /** what the names of its values end in, before the token */
  readonly name: string;
  /** the logit's offset, a parameter or a mixture of several */
  readonly theta: (v: number) => string;
  readonly base: (v: number) => string;
}

/**
 * `bound_r_v`, the sum of the masses of all tokens up to v but the likeliest's, and `signed_r_v` in the order of signed numbers; `likeliest_r`; `left_r`, what is left of 2^32 for
 * the likeliest: the masses of shaders/update.wgsl, half a unit rounded up.
 */
export function policyText({ vocab }: UnrolledShape, { name, theta, base }: RowText): string[] {
  const tokens = range(vocab);
  const last = `bound_${name}_${vocab - 1}`;
  return [
    ...tokens.map((v) => `let x_${name}_${v} = (${base(v)} + ${theta(v)}) * inverse_temperature;`),
    `let greatest_${name}_0 = x_${name}_0; let likeliest_${name}_0 = 0u;`,
    ...tokens.slice(1).map((v) => {
      const [x, greatest, likeliest] = [`x_${name}_${v}`, `greatest_${name}`, `likeliest_${name}`];
      return (
        `let exceeds_${name}_${v} = ${x} > ${greatest}_${v - 1}; ` +
        `let ${greatest}_${v} = select(${greatest}_${v - 1}, ${x}, exceeds_${name}_${v}); ` +
        `let ${likeliest}_${v} = select(${likeliest}_${v - 1}, ${v}u, exceeds_${name}_${v});`
      );
    }),
    `let likeliest_${name} = likeliest_${name}_${vocab - 1};`,
    ...tokens.map((v) => `let share_${name}_${v} = exp(x_${name}_${v} - greatest_${name}_${vocab - 1});`),
    `let scale_${name} = TOTAL / (${tokens.map((v) => `share_${name}_${v}`).join(' + ')});`,
    ...tokens.map((v) => {
      const before = v === 0 ? '' : `bound_${name}_${v - 1} + `;
      return `let bound_${name}_${v} = ${before}select(rounded(share_${name}_${v} * scale_${name}), 0u, likeliest_${name} == ${v}u);`;
    }),
    ...tokens.map((v) => `let signed_${name}_${v} = bound_${name}_${v} ^ HIGHEST;`),
    `let left_${name} = select(f32(0u - ${last}), TOTAL, ${last} == 0u);`,
  ];
}

/** The mass of a token other than the likeliest, whose own is 0 here. */
export function massText(name: string, v: number): string {
  return v === 0 ? `bound_${name}_0` : `(bound_${name}_${v} - bound_${name}_${v - 1})`;
}
