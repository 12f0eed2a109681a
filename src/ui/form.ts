/**
 * The configuration as a form, made from the table of settings.
 */
import {
  readConfig,
  SETTING_NAMES,
  settings,
  writeSetting,
  type Config,
  type SettingName,
} from '../lab/settings.ts';
import { estimators } from '../estimators/estimators.ts';
import { InputError } from '../input/inputError.ts';
import { element } from './dom.ts';

/**
 * The catalogue as boxes that write into the field: a name with parameters is typed there, and stays where it is.
 *
 * @param field "pkpo,rloo"
 */
function estimatorMenu(field: HTMLInputElement): HTMLElement {
  const chosen = (): string[] =>
    field.value
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== '');
  const boxes = estimators.map(({ id, title }) => {
    const box = element('input', { type: 'checkbox', value: id });
    box.addEventListener('change', () => {
      const others = chosen().filter((other) => other !== id);
      field.value = (box.checked ? [...others, id] : others).join(',');
    });
    return { id, box, label: element('label', {}, box, ` ${id}`, element('small', {}, ` ${title}`)) };
  });
  const menu = element(
    'details',
    { class: 'choices' },
    element('summary', {}, 'Choose from the catalogue'),
    ...boxes.map(({ label }) => label),
  );
  menu.addEventListener('toggle', () => {
    const ids = chosen();
    for (const { id, box } of boxes) box.checked = ids.includes(id);
  });
  return menu;
}

type Field = HTMLInputElement | HTMLSelectElement;

export class ConfigForm {
  readonly #fields = new Map<SettingName, Field>();
  readonly #errors = new Map<SettingName, HTMLElement>();

  /** @param container receives one labelled field per setting */
  constructor(container: HTMLElement, config: Config, onChange: () => void) {
    for (const name of SETTING_NAMES) container.append(this.#row(name));
    this.show(config);
    container.addEventListener('change', (event) => {
      if (event.target === this.#fields.get('preset')) this.#takePreset();
      onChange();
    });
  }

  show(config: Config): void {
    for (const [name, field] of this.#fields) field.value = writeSetting(name, config);
  }

  /** The configuration as typed, or null with the fault shown beside its field. */
  read(): Config | null {
    for (const [name, error] of this.#errors) {
      error.textContent = '';
      this.#fields.get(name)?.removeAttribute('aria-invalid');
    }
    const texts: Partial<Record<SettingName, string>> = {};
    for (const [name, field] of this.#fields) texts[name] = field.value;
    let asked: SettingName = 'preset';
    try {
      // The last name asked for is the one whose reading failed.
      return readConfig(texts, (name) => {
        asked = name;
        return settings[name].label;
      });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const field = this.#fields.get(asked);
      const place = this.#errors.get(asked);
      if (place) place.textContent = error.message;
      field?.setAttribute('aria-invalid', 'true');
      field?.focus();
      return null;
    }
  }

  #takePreset(): void {
    const seed = this.#fields.get('seed')?.value ?? '1';
    const preset = this.#fields.get('preset')?.value ?? 'quick';
    this.show(readConfig({ preset }));
    const field = this.#fields.get('seed');
    if (field) field.value = seed;
  }

  #row(name: SettingName): HTMLElement {
    const { label, help } = settings[name];
    const choices: readonly string[] | undefined =
      'choices' in settings[name] ? settings[name].choices : undefined;
    const describedBy = `${name}-help ${name}-error`;
    const field = choices
      ? element(
          'select',
          { id: name, name, 'aria-describedby': describedBy },
          ...choices.map((choice) => element('option', { value: choice }, choice)),
        )
      : element('input', {
          id: name,
          name,
          'aria-describedby': describedBy,
          spellcheck: 'false',
          autocomplete: 'off',
        });
    const error = element('span', { id: `${name}-error`, class: 'error', role: 'alert' });
    this.#fields.set(name, field);
    this.#errors.set(name, error);
    return element(
      'div',
      { class: 'field' },
      element('label', { for: name }, label),
      field,
      element('small', { id: `${name}-help` }, help),
      ...(name === 'estimators' && field instanceof HTMLInputElement ? [estimatorMenu(field)] : []),
      error,
    );
  }
}
