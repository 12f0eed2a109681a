/** Symbols as they are written in the field, everywhere the same: texts come as plain letters, for a terminal shows them too. */
import type { ComponentChildren, JSX } from 'preact';

const sub = (letter: string, index: string): JSX.Element => (
  <>
    <i>{letter}</i>
    <sub>{index}</sub>
  </>
);

/** What a plain-letter symbol becomes. */
const SYMBOLS: readonly (readonly [RegExp, (match: RegExpExecArray) => ComponentChildren])[] = [
  [/alpha_eff\b|α_eff\b/, () => sub('α', 'eff')],
  [/alpha_k\b|α_k\b/, () => sub('α', 'k')],
  [/\bJ_(\w+)\b/, ([, index]) => sub('J', index)],
  [/\bJ1\b/, () => sub('J', '1')],
  [/\bG_k\b/, () => sub('G', 'k')],
  [/\bgrad (?=mean|J|m|log)/, () => '∇'],
  [/(?<=\b[1k])-(?=J|1\b|pi\()/, () => '−'],
  [/\bpi\(/, () => 'π('],
  // In a name, as the tool takes it, eps is a parameter's own word.
  [/\beps\b(?!=)/, () => 'ε'],
  [/\btau\b/, () => 'τ'],
  [/\^\(([^)]+)\)/, ([, power]) => <sup>{power.replaceAll('-', '−')}</sup>],
  [/\^(\w+)/, ([, power]) => <sup>{power}</sup>],
  [/ -> /, () => ' → '],
  [/>=/, () => '≥'],
  [/<=/, () => '≤'],
  [/(?<=[\s(=])-(?=[\d.])/, () => '−'],
];
const ANY = new RegExp(SYMBOLS.map(([pattern]) => `(?:${pattern.source})`).join('|'));

/** "alpha_k -> 0 as J1 -> 1" with its symbols. */
export function Words({ children }: { readonly children: string }): JSX.Element {
  const parts: ComponentChildren[] = [];
  let rest = children;
  for (let found = ANY.exec(rest); found; found = ANY.exec(rest)) {
    const [text] = found;
    // Lookarounds need the surroundings: the symbol is looked for in the whole rest.
    const before = rest.slice(0, found.index);
    for (const [pattern, write] of SYMBOLS) {
      const own = pattern.exec(rest);
      if (own?.index === found.index && own[0] === text) {
        parts.push(before, write(own));
        break;
      }
    }
    rest = rest.slice(found.index + text.length);
  }
  return (
    <>
      {parts}
      {rest}
    </>
  );
}
