/** The experiments beside `relation`, each as a section of the page: what it found, a chart, its numbers. */
import type { Report } from '../../experiment/result.ts';
import { aggregateSection } from './aggregate.ts';
import { figure1Section } from './figure1.ts';
import { publishedSection } from './published.ts';
import { signalSection } from './signal.ts';
import { temperatureSection } from './temperature.ts';
import { varianceSection } from './variance.ts';
import type { Section } from './section.ts';

/** Sections of a report, in the order of a run. */
export function experimentSections(report: Report): Section[] {
  const { figure1, signal, variance, aggregate, temperature, published } = report;
  return [
    ...(figure1 ? [figure1Section(figure1)] : []),
    ...(signal ? [signalSection(signal)] : []),
    ...(variance ? [varianceSection(variance)] : []),
    ...(aggregate ? [aggregateSection(aggregate)] : []),
    ...(temperature ? [temperatureSection(temperature)] : []),
    ...(published ? [publishedSection(published)] : []),
  ];
}
