/** A file that was dropped or chosen anywhere on the page: what it is shows in its content. */
import { signal } from '@preact/signals';
import { announce } from './announce.ts';
import { shownRun } from './board.ts';
import { diagnose } from './diagnosis.ts';
import { suite } from './engine.ts';
import { dismiss, notify } from './notices.ts';
import { judge } from './own.ts';
import { loadPolicy } from './workbench.ts';
import { keep } from './runs.ts';

type FileKind = 'report' | 'problem' | 'estimator' | 'evaluation';

/** So much of a file says what it is. */
const HEAD_CHARACTERS = 4096;
/** Problems and tables of weights are small: what is larger is something else. */
const MOST_TEXT_BYTES = 16e6;
const REPORT = /"format"\s*:\s*"passk-report@1"/;
const PROBLEM = /"format"\s*:\s*"passk-problem@1"/;
const ESTIMATOR = /"format"\s*:\s*"passk-estimator@1"/;
/** A log of advantages has them by name in its first line; an evaluation has none. */
const ADVANTAGE = /(^|[\s,;"'{])(advantages?|weights?)(["']|[\s,;:]|$)/i;

export function kindOf(head: string): FileKind {
  const start = head.slice(0, HEAD_CHARACTERS);
  if (REPORT.test(start)) return 'report';
  if (PROBLEM.test(start)) return 'problem';
  if (ESTIMATOR.test(start)) return 'estimator';
  const firstLine = start.trimStart().split(/[\r\n]/, 1)[0];
  return ADVANTAGE.test(firstLine) ? 'estimator' : 'evaluation';
}

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
  if ((kind === 'problem' || kind === 'estimator') && file.size > MOST_TEXT_BYTES) {
    notify({
      ...{ id: 'files', kind: 'wrong' },
      fact: `${file.name}: expected at most ${MOST_TEXT_BYTES / 1e6} MB, got ${Math.round(file.size / 1e6)} MB.`,
    });
    return;
  }
  switch (kind) {
    case 'report':
      await openReport(file);
      return;
    case 'problem':
      await loadPolicy(await file.text(), file.name);
      arrived.value = { section: 'estimators' };
      return;
    case 'estimator':
      await judge(await file.text(), file.name, 'sum');
      arrived.value = { section: 'identify' };
      return;
    case 'evaluation':
      arrived.value = { section: 'diagnose' };
      await diagnose(files);
  }
}

async function openReport(file: File): Promise<void> {
  const answer = await suite().open(file, file.name);
  if ('error' in answer) {
    notify({
      id: 'files',
      kind: 'wrong',
      fact: `${answer.error.message}.`,
      consequence: 'Nothing was opened.',
    });
    return;
  }
  const { digest, report } = answer.value;
  shownRun.value = {
    kind: 'file',
    id: `${file.name} ${digest.facts.startedAt}`,
    name: file.name,
    digest,
    report,
  };
  announce(`Opened ${file.name}.`);
  arrived.value = { section: 'claims' };
  await keep(shownRun.value);
}
