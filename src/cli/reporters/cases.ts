/** A report as test cases: one for each claim, family, deliberate mistake and plan. What fails is decided by checks alone. */
import { REQUIRED_POWER } from '../../lab/controls.ts';
import { reached } from '../../lab/suite/experiments.ts';
import { controlsOf, familiesOf, type Report } from '../../lab/suite/report.ts';
import { formatNumber } from '../../view/format.ts';

export interface Case {
  readonly suite: 'claims' | 'checks' | 'deliberate mistakes' | 'plans' | 'engines';
  readonly name: string;
  /** a claim of the paper that fails is a finding, and passes; nothing to decide is skipped */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** one sentence */
  readonly words: string;
}

export function casesOf(report: Report): Case[] {
  const claims = report.claims.map(({ id, title, verdict, words, decided, total, kind, rejected }): Case => ({
    suite: 'claims',
    name: `${id}: ${title}`,
    outcome:
      rejected > 0 ? 'failed' : verdict === 'undecided' || verdict === 'not-run' ? 'skipped' : 'passed',
    words: `${verdict} (${decided} of ${total}, ${kind}): ${words}`,
  }));
  const families = familiesOf(report).map(
    ({ family, question, comparisons, rejected, smallestPValue }): Case => ({
      suite: 'checks',
      name: `${family}: ${question}`,
      outcome: comparisons === 0 ? 'skipped' : rejected > 0 ? 'failed' : 'passed',
      words: `${comparisons} comparisons, ${rejected} rejected, smallest p at most ${formatNumber(smallestPValue)}`,
    }),
  );
  const controls = controlsOf(report).map(({ id, description, power, flagged, detail }): Case => ({
    suite: 'deliberate mistakes',
    name: `${id}: ${description}`,
    outcome: flagged ? 'passed' : power >= REQUIRED_POWER ? 'failed' : 'skipped',
    words: `${flagged ? 'seen' : 'not seen'}, with a chance of ${formatNumber(power)}: ${detail}`,
  }));
  const plans = reached(report).flatMap(({ experiment, result }): Case[] => {
    if (!experiment.shortfall) return [];
    const short = experiment.shortfall(result, report.config);
    const words = short ?? 'as many decided as planned';
    return [{ suite: 'plans', name: experiment.name, outcome: short === null ? 'passed' : 'failed', words }];
  });
  const { differences, missing } = report.engine;
  const engines: Case[] = [
    {
      suite: 'engines',
      name: 'engines count alike',
      outcome: differences.length > 0 ? 'failed' : missing !== null ? 'skipped' : 'passed',
      words: differences.at(0) ?? missing ?? 'to the last bit, where both worked',
    },
  ];
  return [...claims, ...families, ...controls, ...plans, ...engines];
}
