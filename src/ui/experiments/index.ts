/** The experiments beside `relation`, each as a section of the page: what it found, a chart, its numbers. */
import type { Report } from '../../lab/suite/report.ts';
import { aggregateSection } from './aggregate.ts';
import { collapseSection } from './collapse.ts';
import { crossoverSection } from './crossover.ts';
import { figure1Section } from './figure1.ts';
import { objectivesSection } from './objectives.ts';
import { publishedSection } from './published.ts';
import { signalSection } from './signal.ts';
import { temperatureSection } from './temperature.ts';
import { updatesSection } from './updates.ts';
import { varianceSection } from './variance.ts';
import type { Section } from './section.ts';

/** Sections of a report, in the order of a run. */
export function experimentSections(report: Report): Section[] {
  const { figure1, signal, variance, aggregate, temperature, published } = report;
  const { updates, collapse, objectives, crossover } = report;
  return [
    ...(figure1 ? [figure1Section(figure1)] : []),
    ...(signal ? [signalSection(signal)] : []),
    ...(variance ? [varianceSection(variance)] : []),
    ...(aggregate ? [aggregateSection(aggregate)] : []),
    ...(temperature ? [temperatureSection(temperature)] : []),
    ...(updates ? [updatesSection(updates)] : []),
    ...(collapse && collapse.cases.length > 0 ? [collapseSection(collapse)] : []),
    ...(objectives && objectives.workloads.length > 0 ? [objectivesSection(objectives)] : []),
    ...(crossover && crossover.curves.length > 0 ? [crossoverSection(crossover)] : []),
    ...(published ? [publishedSection(published)] : []),
  ];
}
