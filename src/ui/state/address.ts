/** The address is the state that can be shared: settings, what is chosen, what is drawn. */
import { signal } from '@preact/signals';

const read = (): ReadonlyMap<string, string> => new Map(new URLSearchParams(location.search));

export const query = signal<ReadonlyMap<string, string>>(read());

export const param = (name: string): string | null => query.value.get(name) ?? null;

/** `null` takes a parameter out: it has its usual value. */
export function setParams(changes: Readonly<Record<string, string | null>>): void {
  const next = new Map(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  query.value = next;
  const text = new URLSearchParams([...next]).toString();
  // These stand for themselves in a query; a reader should see them.
  const readable = text.replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%3D', '=');
  history.replaceState(
    null,
    '',
    `${location.pathname}${readable === '' ? '' : `?${readable}`}${location.hash}`,
  );
}

window.addEventListener('popstate', () => {
  query.value = read();
});
