/** What is behind a fold is made when it is first opened. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';

interface FoldProps {
  readonly title: ComponentChildren;
  /** its one number, at the right end */
  readonly brief?: string;
  readonly id?: string;
  readonly isOpen?: boolean;
  readonly onToggle?: (isOpen: boolean) => void;
  readonly children: () => ComponentChildren;
}

export function Fold({ title, brief, id, isOpen = false, onToggle, children }: FoldProps): JSX.Element {
  const [wasOpen, setWasOpen] = useState(isOpen);
  const isMade = wasOpen || isOpen;
  return (
    <details
      class="fold"
      id={id}
      open={isOpen}
      onToggle={(event) => {
        const now = event.currentTarget.open;
        if (now) setWasOpen(true);
        onToggle?.(now);
      }}
    >
      <summary>
        <span class="fold-title">{title}</span>
        {brief !== undefined && <span class="fold-brief">{brief}</span>}
      </summary>
      {isMade && <div class="fold-body">{children()}</div>}
    </details>
  );
}
