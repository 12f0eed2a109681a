/**
 * Deliberate mistakes, for negative controls: one-line patches of the real shaders, so that what is caught is a mutant
 * of what runs. A suite that does not catch them proves nothing.
 */
import type { ShaderSource } from '../gpu.ts';
import type { KernelFault } from '../../sampler.ts';

interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Of a shader's files, those that it has are patched. */
const PATCHES: Readonly<Record<KernelFault, readonly Patch[]>> = {
  // `<` for `<=`: a word equal to a threshold takes the token before. Moves 2^-32 of the mass at each threshold.
  'strict-threshold': [
    { file: 'token.wgsl', find: 'middle] <= word', replace: 'middle] < word' },
    {
      file: 'search.wgsl',
      find: 'return bound > signed_word;',
      replace: 'return bound >= signed_word;',
    },
    {
      file: 'search.wgsl',
      find: 'bitcast<i32>(word_low * unit + (unit - 1u)) >= bitcast<i32>(entry)',
      replace: 'bitcast<i32>(word_low * unit) > bitcast<i32>(entry | (unit - 1u))',
    },
    { file: 'search.wgsl', find: 'middle] <= word', replace: 'middle] < word' },
    { file: 'sliced.wgsl', find: 'return greater | open;', replace: 'return greater;' },
  ],
  // Planes lose half of their ones: early tokens become more likely.
  'thinned-planes': [
    {
      file: 'sliced.wgsl',
      find: 'return rotated * 9u;',
      replace: 'let full = rotated * 9u; return full & (full >> 1u);',
    },
  ],
  // Words lose one part in 64: early tokens become more likely.
  'scaled-word': [
    {
      file: 'sample.wgsl',
      find: 'let word = next_word(&generator);',
      replace: 'let full_word = next_word(&generator); let word = full_word - (full_word >> 6u);',
    },
    {
      file: 'search.wgsl',
      find: 'return word;',
      replace: 'return word - (word >> 6u);',
    },
  ],
};

/** @throws Error if a shader no longer has a patched line: a fault that changes nothing would look caught */
export function withFault(source: ShaderSource, fault: KernelFault | undefined): ShaderSource {
  if (!fault) return source;
  const patches = PATCHES[fault];
  return {
    label: `${source.label} (${fault})`,
    files: source.files.map(({ name, text }) => ({
      name,
      text: patches
        .filter(({ file }) => file === name)
        .reduce((patched, { find, replace }) => {
          if (patched.split(find).length !== 2)
            throw new Error(`fault ${fault}: ${name} does not hold '${find}' once`);
          return patched.replace(find, replace);
        }, text),
    })),
  };
}
