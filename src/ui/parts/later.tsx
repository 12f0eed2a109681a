/** What is fetched when it is first needed. */
import { useEffect, useState } from 'preact/hooks';
import { notify } from '../state/notices.ts';

/** @param load the same function every time @returns null until it is there */
export function useLater<Value>(load: () => Promise<Value>): Value | null {
  const [value, setValue] = useState<{ readonly found: Value } | null>(null);
  useEffect(() => {
    let isWanted = true;
    load().then(
      (found) => {
        if (isWanted) setValue({ found });
      },
      () =>
        notify({
          ...{ id: 'later', kind: 'wrong', fact: 'A part of the page could not be fetched.' },
          consequence: 'It may have been replaced by a newer one: reload the page.',
        }),
    );
    return () => {
      isWanted = false;
    };
  }, [load]);
  return value?.found ?? null;
}
