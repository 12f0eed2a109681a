/** What is fetched when it is first needed. */
import { useEffect, useState } from 'preact/hooks';

/** @param load the same function every time @returns null until it is there */
export function useLater<Value>(load: () => Promise<Value>): Value | null {
  const [value, setValue] = useState<{ readonly found: Value } | null>(null);
  useEffect(() => {
    let isWanted = true;
    void load().then((found) => {
      if (isWanted) setValue({ found });
    });
    return () => {
      isWanted = false;
    };
  }, [load]);
  return value?.found ?? null;
}
