/** The menu of engines, and the URL parameter that it is. */
import { ENGINE_CHOICES, ENGINE_WORDS, type EngineChoice } from '../engine/engineChoice.ts';
import { element } from './dom.ts';

const PARAMETER = 'engine';

export class EngineMenu {
  readonly #select: HTMLSelectElement;

  constructor(select: HTMLSelectElement, query: string) {
    this.#select = select;
    const asked = new URLSearchParams(query).get(PARAMETER);
    select.replaceChildren(
      ...ENGINE_CHOICES.map((name) => element('option', { value: name }, `${name}: ${ENGINE_WORDS[name]}`)),
    );
    select.value = ENGINE_CHOICES.find((name) => name === asked) ?? 'auto';
  }

  choice(): EngineChoice {
    return ENGINE_CHOICES.find((name) => name === this.#select.value) ?? 'auto';
  }

  /** What a URL needs beside the settings; empty where it is the usual. */
  query(): string {
    return this.choice() === 'auto' ? '' : `&${PARAMETER}=${this.choice()}`;
  }
}
