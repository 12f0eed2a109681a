/** The page starts: what the address asks for, then the app. */
import './styles/base.css';
import './styles/first.css';
import './styles/chart.css';
import './styles/parts.css';
import './styles/media.css';
import { render } from 'preact';
import { PRESETS } from '../lab/settings.ts';
import { App } from './parts/app.tsx';
import { openFromHash } from './parts/claimSections.tsx';
import { param, setParams } from './state/address.ts';
import { lookForAdapter } from './state/engine.ts';
import { notify } from './state/notices.ts';
import { startRun } from './state/run.ts';
import { loadRuns } from './state/runs.ts';
import { addressFaults } from './state/settings.ts';

const faults = addressFaults();
if (faults.length > 0)
  notify({
    ...{
      id: 'address',
      kind: 'wrong',
      fact: faults.map((fault) => (fault.endsWith('?') ? fault : `${fault}.`)).join(' '),
    },
    consequence: 'The usual settings stand in their place.',
  });
const place = document.getElementById('app');
if (!place) throw new Error('index.html has no #app');
render(<App />, place);
openFromHash();
window.addEventListener('hashchange', openFromHash);
void lookForAdapter();
void loadRuns();

const preset = PRESETS.find((name) => name === param('run'));
if (preset) {
  // Once: a link that is copied later starts nothing.
  setParams({ run: null, preset: preset === 'quick' ? null : preset });
  void startRun();
}
