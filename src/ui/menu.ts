/** Which experiments to run: a row of boxes, kept in the URL as `experiments` where not all are chosen. */
import { EXPERIMENTS, type ExperimentName } from '../lab/suite/experiments.ts';
import { element } from './dom.ts';

const PARAMETER = 'experiments';

export class ExperimentMenu {
  readonly #boxes: readonly (readonly [ExperimentName, HTMLInputElement])[];

  /** @param query of the URL; names that are none are left out */
  constructor(container: HTMLFieldSetElement, query: string) {
    const asked = new URLSearchParams(query).get(PARAMETER)?.split(',');
    this.#boxes = EXPERIMENTS.map(({ name, question }) => {
      const box = element('input', { type: 'checkbox', name: PARAMETER, value: name });
      box.checked = asked === undefined || asked.includes(name);
      container.append(element('label', { title: question }, box, ` ${name}`));
      return [name, box] as const;
    });
  }

  chosen(): ExperimentName[] {
    return this.#boxes.flatMap(([name, box]) => (box.checked ? [name] : []));
  }

  /** "&experiments=relation,variance", or "" where all are chosen. */
  query(): string {
    const chosen = this.chosen();
    return chosen.length === this.#boxes.length ? '' : `&${PARAMETER}=${chosen.join(',')}`;
  }
}
