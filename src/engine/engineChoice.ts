/** Which engine is asked for: a flag, a URL parameter, a menu. */
export const ENGINE_CHOICES = ['auto', 'gpu', 'cpu', 'twin'] as const;
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** In words, for menus and help. */
export const ENGINE_WORDS: Readonly<Record<EngineChoice, string>> = {
  auto: 'a hardware GPU where there is one, else the CPU, each checked by the other',
  gpu: 'WebGPU, on whatever adapter there is',
  cpu: 'compiled kernels on threads',
  twin: 'plain TypeScript, the reference',
};
