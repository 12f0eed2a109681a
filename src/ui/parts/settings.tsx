/** Experiments and settings, behind one button: made from the table of settings. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ENGINE_CHOICES, ENGINE_WORDS } from '../../engine/engineChoice.ts';
import { SETTING_NAMES, settings, writeSetting, type SettingName } from '../../lab/settings.ts';
import { setParams } from '../state/address.ts';
import { progress } from '../state/run.ts';
import { EXPERIMENT_NAMES, reference } from '../state/reference.ts';
import { areSettingsOpen, chosenExperiments, config, engineChoice, setSetting } from '../state/settings.ts';

export function Settings(): JSX.Element | null {
  if (!areSettingsOpen.value) return null;
  const chosen = chosenExperiments.value;
  const choose = (names: readonly string[]): void =>
    setParams({ experiments: names.length === EXPERIMENT_NAMES.length ? null : names.join(',') });
  return (
    <section class="settings" aria-label="Settings of the next run">
      <fieldset disabled={progress.value !== null}>
        <legend>Experiments</legend>
        <div class="choices">
          {EXPERIMENT_NAMES.map((name) => (
            <label key={name} title={reference.questions[name]}>
              <input
                type="checkbox"
                name="experiments"
                value={name}
                checked={chosen.includes(name)}
                onChange={({ currentTarget: { checked } }) =>
                  choose(
                    EXPERIMENT_NAMES.filter((other) => (other === name ? checked : chosen.includes(other))),
                  )
                }
              />{' '}
              {name}
            </label>
          ))}
          <button type="button" class="link" onClick={() => choose(EXPERIMENT_NAMES)}>
            all
          </button>
        </div>
      </fieldset>
      <fieldset disabled={progress.value !== null} class="fields">
        <legend>Settings</legend>
        <div class="field">
          <label for="set-engine">Engine</label>
          <select
            id="set-engine"
            value={engineChoice.value}
            onChange={({ currentTarget: { value } }) =>
              setParams({ engine: value === 'auto' ? null : value })
            }
          >
            {ENGINE_CHOICES.map((name) => (
              <option key={name} value={name}>
                {name}: {ENGINE_WORDS[name]}
              </option>
            ))}
          </select>
        </div>
        {SETTING_NAMES.filter((name) => name !== 'preset').map((name) => (
          <Field key={name} name={name} />
        ))}
      </fieldset>
    </section>
  );
}

function Field({ name }: { readonly name: SettingName }): JSX.Element {
  // What was typed stays until it is right.
  const [fault, setFault] = useState<{ readonly typed: string; readonly words: string } | null>(null);
  const id = `set-${name}`;
  const { label, help } = settings[name];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        value={fault?.typed ?? writeSetting(name, config.value)}
        aria-describedby={`${id}-help ${id}-error`}
        aria-invalid={fault !== null}
        spellcheck={false}
        autocomplete="off"
        onChange={({ currentTarget: { value } }) => {
          const words = setSetting(name, value);
          setFault(words === null ? null : { typed: value, words });
        }}
      />
      <small id={`${id}-help`}>{help}</small>
      <span id={`${id}-error`} class="error" role="alert">
        {fault?.words}
      </span>
    </div>
  );
}
