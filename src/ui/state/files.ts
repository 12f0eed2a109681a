/** A file that was dropped or chosen anywhere on the page: what it is shows in its content. */
import { signal } from '@preact/signals';
import { announce } from './announce.ts';
import { show } from './board.ts';
import { diagnose } from './diagnosis.ts';
import { suite } from './engine.ts';
import { HEAD_CHARACTERS, kindOf } from './fileKind.ts';
import { dismiss, notify } from './notices.ts';
import { judge } from './own.ts';
import { loadPolicy } from './workbench.ts';
import { keep } from './runs.ts';

/** Problems and tables of weights are small: what is larger is something else. */
const MOST_TEXT_BYTES = 16e6;
/** A problem is solved on the page's own thread. */
const MOST_PROBLEM_BYTES = 1e6;
/** where the page should go once it has what was read */
export const arrived = signal<{ readonly section: string } | null>(null);

export async function takeFiles(files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  dismiss('files');
  try {
    await take(files);
  } catch (error) {
    // Moved, deleted or locked since it was chosen: the browser says no more than that.
    if (!(error instanceof DOMException)) throw error;
    notify({
      ...{ id: 'files', kind: 'wrong', fact: `${files[0].name} could not be read (${error.name}).` },
      consequence: 'Nothing was opened; is it still where it was?',
    });
  }
}

async function take(files: readonly File[]): Promise<void> {
  const kinds = await Promise.all(
    files.map(async (file) => kindOf(await file.slice(0, HEAD_CHARACTERS).text())),
  );
  const [file] = files;
  const [kind] = kinds;
  if (kinds.some((other) => other !== kind) || (files.length > 1 && kind !== 'evaluation')) {
    notify({
      ...{ id: 'files', kind: 'wrong', fact: 'Several files of which not all are evaluations.' },
      consequence: 'Open reports, problems and tables of weights one at a time.',
    });
    return;
  }
  const most = kind === 'problem' ? MOST_PROBLEM_BYTES : kind === 'estimator' ? MOST_TEXT_BYTES : Infinity;
  if (file.size > most) {
    notify({
      ...{ id: 'files', kind: 'wrong' },
      fact: `${file.name}: expected at most ${most / 1e6} MB, got ${(file.size / 1e6).toPrecision(3)} MB.`,
    });
    return;
  }
  switch (kind) {
    case 'report':
      await openReport(file);
      return;
    case 'problem':
      if (await loadPolicy(await file.text(), file.name)) arrived.value = { section: 'estimators' };
      return;
    case 'estimator':
      if ((await judge(await file.text(), file.name, 'open')) === null)
        arrived.value = { section: 'identify' };
      return;
    case 'evaluation':
      arrived.value = { section: 'diagnose' };
      await diagnose(files);
  }
}

async function openReport(file: File): Promise<void> {
  const answer = await suite((host) => host.open(file, file.name));
  if ('error' in answer) {
    notify({
      ...{ id: 'files', kind: 'wrong', fact: `${answer.error.message}.`, consequence: 'Nothing was opened.' },
    });
    return;
  }
  const { digest, report } = answer.value;
  const run = {
    kind: 'file',
    id: `${file.name} ${digest.facts.startedAt}`,
    name: file.name,
    digest,
    report,
  } as const;
  show(run);
  announce(`Opened ${file.name}.`);
  arrived.value = { section: 'claims' };
  await keep(run);
}
