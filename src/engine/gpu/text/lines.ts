/** What every generator of WGSL writes with. */

export const range = (count: number, first = 0): number[] =>
  Array.from({ length: count }, (_, i) => first + i);

export const hex = (word: number): string => `0x${(word >>> 0).toString(16)}u`;

export const indented = (lines: readonly string[], depth: number): string =>
  lines.map((line) => (line === '' ? '\n' : `${'  '.repeat(depth)}${line}\n`)).join('');

/**
 * A loop that tests at its end, and so runs once at least: where a software adapter tests at the beginning it runs the body once
 * more, with all lanes off.
 */
export const loopText = (
  name: string,
  end: string,
  body: readonly string[],
  { first = '0u', step = '1u' }: { readonly first?: string; readonly step?: string } = {},
): string[] => [
  `var ${name} = ${first};`,
  `loop { // ${name} < ${end}; ${name} += ${step}`,
  ...body.map((line) => `  ${line}`),
  `  continuing { ${name} += ${step}; break if ${name} >= ${end}; }`,
  '}',
];
