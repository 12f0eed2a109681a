/** Is my advantage right? What a pasted or dropped table estimates, by name. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { judge, judged } from '../state/own.ts';
import { Fold } from './fold.tsx';
import { Words } from './words.tsx';

/** Flags of the command line are buttons here. */
const onThePage = (finding: string): string =>
  finding.replaceAll('read them with --convention mean', 'judge them as advantages whose loss is their mean');

const BUTTONS = {
  open: 'Judge',
  mean: 'Judge: advantages, loss is their mean',
  sum: 'Judge: weights, loss is their sum',
};

const PLACEHOLDER = 'step,prompt,reward,advantage\n1,a,1,0.75\n1,a,0,-0.25\n…';

/** Is my advantage right? A table or a log: judged as `identify` does, drawn beside the others, used in runs. */
export function OwnEstimator(): JSX.Element {
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [flags, setFlags] = useState('');
  const found = judged.value;
  return (
    <div class="own">
      <Fold
        id="identify"
        title={
          <>
            <b>Is my advantage right?</b> Paste or drop a trainer’s log (prompt, step, reward, advantage), or
            a table of weights
          </>
        }
        isOpen={found !== null}
      >
        {() => (
          <>
            <label>
              A log (CSV, JSONL, JSON) or a table (passk-estimator@1)
              <textarea
                rows={6}
                spellcheck={false}
                placeholder={PLACEHOLDER}
                value={text}
                onInput={({ currentTarget: { value } }) => setText(value)}
              />
            </label>
            <label>
              What it asks for, if it asks: --group, --columns, --batch, --average
              <input
                spellcheck={false}
                autocomplete="off"
                placeholder="--columns reward=accuracy_reward"
                value={flags}
                onInput={({ currentTarget: { value } }) => setFlags(value)}
              />
            </label>
            <div class="own-actions">
              {(['open', 'mean', 'sum'] as const).map((convention) => (
                <button
                  key={convention}
                  type="button"
                  disabled={text.trim() === ''}
                  onClick={() => void judge(text, 'pasted', convention, flags).then(setFault)}
                >
                  {BUTTONS[convention]}
                </button>
              ))}
              {found && (
                <button type="button" class="link" onClick={() => (judged.value = null)}>
                  take it out
                </button>
              )}
            </div>
            {fault !== null && (
              <p class="error" role="alert">
                {fault}
              </p>
            )}
            {found?.identities.map(({ name, n, finding, alsoFits, missing, notes }, i) => (
              <p key={i} class="verdict">
                <b>{name}</b>, n = {n}: <Words>{`${onThePage(finding)}.`}</Words>
                {alsoFits !== '' && <Words>{` It ${alsoFits}.`}</Words>}
                {missing.length > 0 && ` Not in the file: ${missing.slice(0, 8).join(', ')}.`}
                {notes.length > 0 && <span class="quiet"> Read as: {notes.join('; ')}.</span>}
              </p>
            ))}
            {found && found.tables.length > 0 && (
              <p class="quiet">
                Drawn above, at n = {found.tables[0].n} alone, and part of the next run’s experiment variance.
              </p>
            )}
          </>
        )}
      </Fold>
    </div>
  );
}
