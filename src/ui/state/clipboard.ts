/** Copying, where the browser lets a page do so. */
import { announce } from './announce.ts';
import { notify } from './notices.ts';

/** @param what "Link" @param text only now made */
export async function copy(what: string, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(`${what} copied.`);
  } catch {
    notify({
      ...{ id: 'copy', kind: 'wrong', fact: 'This browser does not let the page copy.' },
      consequence: 'Open it over https or from localhost; the address bar has the link.',
    });
  }
}
