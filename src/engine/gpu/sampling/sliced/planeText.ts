/**
 * Text of a stream's planes (xoshiro128**, as shaders/lib/random.wgsl). Its state has names of its own at each plane up front and is in
 * variables `s0` … before the first and after the last, where a loop may go on: on software adapters a name costs half as
 * much as a variable that changes. Left shifts by a constant are multiplications, which cost less there.
 */
import type { PlaneSource } from './tokenText.ts';

export function streamSource(tag: string, upFront: number): PlaneSource {
  const state = (i: number, depth: number): string =>
    depth === 0 ? `s${i}` : depth === upFront ? `s${i}` : `s${i}_${tag}_${depth}`;
  return {
    next: (name, depth) => {
      const own = `${tag}_${depth}`;
      const [s0, s1, s2, s3] = [0, 1, 2, 3].map((i) => state(i, depth));
      const isLast = depth === upFront - 1;
      const after = (i: number): string => `${isLast ? '' : 'let '}${state(i, depth + 1)}`;
      return [
        `let m_${own} = ${s1} * 5u; let ${name} = finished((m_${own} * 128u) | (m_${own} >> 25u));`,
        `let z_${own} = ${s2} ^ ${s0}; let w_${own} = ${s3} ^ ${s1}; let y_${own} = z_${own} ^ (${s1} * 512u);`,
        `${after(0)} = ${s0} ^ w_${own}; ${after(1)} = ${s1} ^ z_${own}; ${after(2)} = y_${own}; ${after(3)} = (w_${own} * 2048u) | (w_${own} >> 21u);`,
      ];
    },
    nextInLoop: (name) => [
      `let m = s1 * 5u; let ${name} = finished((m * 128u) | (m >> 25u));`,
      'let z = s2 ^ s0; let w = s3 ^ s1; let y = z ^ (s1 * 512u);',
      's0 ^= w; s1 ^= z; s2 = y; s3 = (w * 2048u) | (w >> 21u);',
    ],
  };
}
