/** `theory` for people: a heading and a table a prompt. */
import { formatNumber, formatProb, formatSamples } from '../../view/format.ts';
import type { NotDefined } from '../../estimators/weightTables.ts';
import type { TheoryAnswer, TheoryPrompt, TheoryRow } from '../../theory/theoryAnswer.ts';
import { plainTable } from './plainTable.ts';

const HEAD = ['estimator', 'n', 'k', 'alpha_eff', 'bias', 'Var G', 'SNR', 'samples', 'silent'];

export function theoryText(answer: TheoryAnswer): string {
  return [
    ...answer.prompts.map(promptText),
    ...aggregateLines(answer),
    ...notDefinedLines(answer.notDefined),
    'E G = alpha_eff grad J1; bias: alpha_eff less alpha_k; SNR: |E G|^2 / Var G of a group of n; samples: n / SNR;',
    "silent: the chance that every weight of a group is 0. --json has more digits and the variance's two parts.",
  ].join('\n');
}

function promptText({ id, successProb, gradient, gradientNormSq, ...prompt }: TheoryPrompt): string {
  const byK = Object.keys(prompt.passAtK).map((k) => [
    k,
    formatProb(prompt.passAtK[k]),
    formatNumber(prompt.alpha[k]),
  ]);
  return [
    `${id}: J1 = ${formatProb(successProb)}, |grad J1|^2 = ${formatNumber(gradientNormSq)}`,
    ...byK.map(([k, passAtK, alpha]) => `  k = ${k}: J_k = ${passAtK}, alpha_k = ${alpha}`),
    ...(gradient ? [`  grad J1 = ${gradient.map(formatNumber).join(' ')}`] : []),
    plainTable(HEAD, prompt.estimators.map(rowCells)).replace(/^/gm, '  '),
    '',
  ].join('\n');
}

function rowCells(row: TheoryRow): string[] {
  return [
    row.estimator,
    String(row.n),
    row.k === null ? '-' : String(row.k),
    formatNumber(row.effectiveAlpha),
    // What rounding leaves of an exact 0.
    row.bias !== null && Math.abs(row.bias) <= 1e-12 * Math.abs(row.effectiveAlpha)
      ? '0'
      : formatNumber(row.bias),
    formatNumber(row.variance),
    formatNumber(row.snr),
    row.samplesForSnr1 === null ? 'n/a' : formatSamples(row.samplesForSnr1),
    row.zeroSignalProb === null ? 'n/a' : formatProb(row.zeroSignalProb),
  ];
}

function aggregateLines({ aggregate, ks }: TheoryAnswer): string[] {
  if (!aggregate) return [];
  return [
    `mean over prompts (shared parameters): J1 = ${formatProb(aggregate.successProb)}`,
    ...ks.map(
      (k) =>
        `  k = ${k}: J_k = ${formatProb(aggregate.passAtK[k])}, cosine of the gradients of J_k and J1 = ${formatNumber(aggregate.cosine[k])}`,
    ),
    '',
  ];
}

/** What was asked for and does not exist, with the reason. */
export function notDefinedLines(notDefined: readonly NotDefined[]): string[] {
  return notDefined.map(
    ({ estimator, n, k, reason }) =>
      `not defined: ${estimator} n = ${n}${k === null ? '' : ` k = ${k}`}, ${reason}`,
  );
}
