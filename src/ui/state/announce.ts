/** What is said aloud: at most one sentence in ten seconds, the last one always. */
import { signal } from '@preact/signals';

const APART_MS = 10_000;

export const spoken = signal('');
let lastAt = -Infinity;
let timer: number | undefined;

export function announce(text: string): void {
  clearTimeout(timer);
  const wait = Math.max(0, lastAt + APART_MS - performance.now());
  const say = (): void => {
    lastAt = performance.now();
    spoken.value = text;
  };
  if (wait === 0) say();
  else timer = window.setTimeout(say, wait);
}
