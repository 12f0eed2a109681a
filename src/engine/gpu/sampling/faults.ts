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

const PATCHES: Readonly<Record<KernelFault, Patch>> = {
  // `<` for `<=`: a word equal to a threshold takes the token before. Moves 2^-32 of the mass at each threshold.
  'strict-threshold': { file: 'token.wgsl', find: 'middle] <= word', replace: 'middle] < word' },
  // Words lose one part in 64: early tokens become more likely.
  'scaled-word': {
    file: 'sample.wgsl',
    find: 'let word = next_word(&generator);',
    replace: 'let full_word = next_word(&generator); let word = full_word - (full_word >> 6u);',
  },
};

/** @throws Error if the shader no longer has the patched line: a fault that changes nothing would look caught */
export function withFault(source: ShaderSource, fault: KernelFault | undefined): ShaderSource {
  if (!fault) return source;
  const { file, find, replace } = PATCHES[fault];
  return {
    label: `${source.label} (${fault})`,
    files: source.files.map(({ name, text }) => {
      if (name !== file) return { name, text };
      if (text.split(find).length !== 2)
        throw new Error(`fault ${fault}: ${name} does not hold '${find}' once`);
      return { name, text: text.replace(find, replace) };
    }),
  };
}
