/** A verdict: glyph, word, tint; never without what it is of. */
import type { JSX } from 'preact';
import type { ClaimVerdict } from '../../lab/suite/finding.ts';

const LOOKS: Readonly<Record<ClaimVerdict, readonly [glyph: string, word: string]>> = {
  holds: ['✓', 'holds'],
  'holds-if': ['◐', 'holds if'],
  fails: ['✗', 'fails'],
  'not-its-own': ['◎', 'not its own'],
  undecided: ['○', 'undecided'],
  'not-run': ['–', 'not run'],
};

export function Chip({ verdict }: { readonly verdict: ClaimVerdict }): JSX.Element {
  const [glyph, word] = LOOKS[verdict];
  return (
    <span class={`chip ${verdict}`}>
      <span aria-hidden="true">{glyph}</span> {word}
    </span>
  );
}
