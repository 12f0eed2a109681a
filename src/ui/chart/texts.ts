/** Symbols in an svg, where there is no markup: letters of Unicode. */

const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

const digits = (text: string, letters: string): string =>
  text
    .replaceAll(/\d/g, (digit) => letters.charAt(Number(digit)))
    .replace('-', '⁻')
    .replace('+', '');

/** "alpha_k against J1" → "αₖ against J₁" */
export function chartText(text: string): string {
  return text
    .replaceAll(/\bJ_?(\d+)\b/g, (_, index: string) => `J${digits(index, SUBSCRIPTS)}`)
    .replaceAll(/\bJ_k\b/g, 'Jₖ')
    .replaceAll(/(?:alpha|α)_k\b/g, 'αₖ')
    .replaceAll(/alpha_eff\b/g, 'α_eff')
    .replaceAll(/\bgrad (?=J)/g, '∇');
}

/** "1e-4" → "10⁻⁴", "1−1e-4" → "1−10⁻⁴", "-0.5" → "−0.5" */
export function tickLabel(text: string): string {
  return text
    .replace(/1e([+-]?\d+)$/, (_, power: string) => `10${digits(power, SUPERSCRIPTS)}`)
    .replace(/e([+-]?\d+)$/, (_, power: string) => `·10${digits(power, SUPERSCRIPTS)}`)
    .replace(/^-/, '−');
}
