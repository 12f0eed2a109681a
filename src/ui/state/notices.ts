/** Lines that a person should not miss, until they put them away. */
import { signal } from '@preact/signals';

export interface Notice {
  readonly id: string;
  /** `wrong`: something failed. `mended`: it went on otherwise. `plain`: it is merely so */
  readonly kind: 'wrong' | 'mended' | 'plain';
  readonly fact: string;
  readonly consequence?: string;
  readonly action?: { readonly label: string; readonly act: () => void };
}

export const notices = signal<readonly Notice[]>([]);

/** A notice replaces the one of its id. */
export function notify(notice: Notice): void {
  notices.value = [...notices.value.filter(({ id }) => id !== notice.id), notice];
}

export function dismiss(id: string): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
