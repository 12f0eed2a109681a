/** Evaluation files: read and diagnosed by a thread of this page; they stay on this machine. */
import { signal } from '@preact/signals';
import { proxy } from 'comlink';
import type { Diagnosed, DiagnoseStage } from '../../diagnose/readFiles.ts';
import type { SettingTexts } from '../../diagnose/settings.ts';
import type { DiagnoseHost } from '../../threads/diagnoseHost.ts';
import { announce } from './announce.ts';
import { PageThread } from './threads.ts';

export type Diagnosis =
  | { readonly state: 'none' }
  | { readonly state: 'working'; readonly words: string; readonly before: Diagnosed | null }
  | { readonly state: 'failed'; readonly message: string; readonly before: Diagnosed | null }
  | { readonly state: 'done'; readonly found: Diagnosed };

export const diagnosis = signal<Diagnosis>({ state: 'none' });
export const diagnoseTexts = signal<SettingTexts>({});

/** Reads and judges; ended where what it does is no longer asked for. */
export const readerThread = new PageThread<DiagnoseHost>(
  () => new Worker(new URL('../../threads/diagnose.worker.ts', import.meta.url), { type: 'module' }),
);

let files: readonly File[] = [];
let runs = 0;

/** A small evaluation to try it with, two models on eight problems. */
const EXAMPLE = `problem,n,correct,model
p1,64,40,before
p2,64,12,before
p3,64,5,before
p4,64,2,before
p5,64,1,before
p6,64,1,before
p7,64,0,before
p8,64,30,before
p1,64,63,after
p2,64,50,after
p3,64,9,after
p4,64,0,after
p5,64,0,after
p6,64,0,after
p7,64,0,after
p8,64,62,after
`;

export const diagnoseExample = (): Promise<void> => diagnose([new File([EXAMPLE], 'example.csv')]);

export function diagnose(given: readonly File[]): Promise<void> {
  files = given;
  return run();
}

/** @param texts settings as typed, without those that are empty */
export function diagnoseWith(texts: SettingTexts): Promise<void> {
  diagnoseTexts.value = texts;
  return files.length === 0 ? Promise.resolve() : run();
}

const end = (): void => readerThread.end('another run has taken over');

const lastFound = (): Diagnosed | null => {
  const now = diagnosis.value;
  return now.state === 'done' ? now.found : now.state === 'none' ? null : now.before;
};

export function cancelDiagnosis(): void {
  runs += 1;
  end();
  const before = lastFound();
  diagnosis.value = before ? { state: 'done', found: before } : { state: 'none' };
}

async function run(): Promise<void> {
  runs += 1;
  const own = runs;
  // A run that is still going on is of what nobody asks for any more.
  if (diagnosis.value.state === 'working') end();
  const before = lastFound();
  diagnosis.value = { state: 'working', words: 'Reading…', before };
  const answer = await readerThread.call((host) =>
    host.run(
      [...files],
      diagnoseTexts.value,
      proxy((stage: DiagnoseStage, share: number) => {
        if (own !== runs) return;
        const words = { reading: 'Reading', diagnosing: 'Diagnosing' }[stage];
        diagnosis.value = { state: 'working', words: `${words}, ${Math.floor(100 * share)} %`, before };
      }),
    ),
  );
  // A later run has taken over.
  if (own !== runs) return;
  if ('error' in answer) {
    diagnosis.value = { state: 'failed', message: answer.error.message, before };
    announce(`Not diagnosed: ${answer.error.message}`);
    return;
  }
  diagnosis.value = { state: 'done', found: answer.value };
  announce('Diagnosed.');
}
