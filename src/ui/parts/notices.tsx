/** What one should not miss: a fact, its consequence, at most one button. */
import type { JSX } from 'preact';
import { dismiss, notices } from '../state/notices.ts';
import { spoken } from '../state/announce.ts';

export function Notices(): JSX.Element {
  return (
    <div class="notices" role="status">
      {notices.value.map(({ id, kind, fact, consequence, action }) => (
        <div key={id} class={`notice ${kind}`}>
          <p>
            <b>{fact}</b> {consequence}
          </p>
          {action && (
            <button type="button" onClick={action.act}>
              {action.label}
            </button>
          )}
          <button type="button" class="link" onClick={() => dismiss(id)}>
            Put away
          </button>
        </div>
      ))}
    </div>
  );
}

export function Spoken(): JSX.Element {
  return (
    <p class="hidden" id="spoken" aria-live="polite">
      {spoken.value}
    </p>
  );
}
