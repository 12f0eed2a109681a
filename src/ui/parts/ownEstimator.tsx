/** Is my advantage right? What a pasted or dropped table estimates, by name. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TableIdentity } from '../../identify/identify.ts';
import { judge, judged } from '../state/own.ts';
import { Fold } from './fold.tsx';
import { Words } from './words.tsx';

/** So many rows of the catalogue are named. */
const MOST_NAMES = 4;

/** "rloo", "3/4 times pkpo at k = 4" */
function catalogueName({ estimator, k, factor }: TableIdentity['sameAs'][number]): string {
  const rounded = Number(factor.toPrecision(4));
  const times = rounded === 1 ? '' : `${rounded} times `;
  return `${times}${estimator}${k === null ? '' : ` at k = ${k}`}`;
}

/** Flags of the command line are buttons here. */
const onThePage = (finding: string): string =>
  finding.replaceAll('read them with --convention mean', 'judge them as advantages whose loss is their mean');

const PLACEHOLDER = 'n,c,reward,advantage\n4,1,1,0.75\n4,1,0,-0.25\n…';

/** Is my advantage right? A table or a log: judged as `identify` does, drawn beside the others, used in runs. */
export function OwnEstimator(): JSX.Element {
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const found = judged.value;
  return (
    <div class="own">
      <Fold
        id="identify"
        title={
          <>
            <b>Is my advantage right?</b> Paste or drop a table of weights, or a log of n, c, reward,
            advantage
          </>
        }
        isOpen={found !== null}
      >
        {() => (
          <>
            <label>
              A table (passk-estimator@1) or a log (CSV)
              <textarea
                rows={6}
                spellcheck={false}
                placeholder={PLACEHOLDER}
                value={text}
                onInput={({ currentTarget: { value } }) => setText(value)}
              />
            </label>
            <div class="own-actions">
              {(['mean', 'sum'] as const).map((convention) => (
                <button
                  key={convention}
                  type="button"
                  disabled={text.trim() === ''}
                  onClick={() => void judge(text, 'pasted', convention).then(setFault)}
                >
                  {convention === 'mean'
                    ? 'Judge: advantages, loss is their mean'
                    : 'Judge: weights, loss is their sum'}
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
            {found?.identities.map(({ name, n, finding, missing, sameAs }, i) => (
              <p key={i} class="verdict">
                <b>{name}</b>, n = {n}: <Words>{`${onThePage(finding)}.`}</Words>
                {sameAs.length > 0 &&
                  ` Its weights are those of ${sameAs.slice(0, MOST_NAMES).map(catalogueName).join(', ')}${sameAs.length > MOST_NAMES ? `, and ${sameAs.length - MOST_NAMES} more` : ''}.`}
                {missing.length > 0 && ` Not in the file: ${missing.slice(0, 8).join(', ')}.`}
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
