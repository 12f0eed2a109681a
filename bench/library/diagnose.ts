/** `passk-bench/diagnose`: pass@k of evaluation files, how sure it is, and what training on them would see. */
import { diagnoseFiles, type Diagnosed, type TextSource } from '../../src/diagnose/readFiles.ts';
import type { SettingTexts } from '../../src/diagnose/settings.ts';

/** A file's text, with a name for messages and a path that says to which model it belongs. */
export interface EvaluationText {
  readonly name: string;
  readonly text: string;
}

/**
 * @param settings as the flags of `passk-bench diagnose`, texts by camelCase name: `{ k: '1,8', level: '0.95' }`
 * @returns the object that `diagnose --json` prints, and what was taken for granted
 * @throws InputError
 */
export function diagnose(files: readonly EvaluationText[], settings: SettingTexts = {}): Promise<Diagnosed> {
  return diagnoseFiles(files.map(textSource), settings, String, () => undefined);
}

function textSource({ name, text }: EvaluationText): TextSource {
  return {
    name,
    path: name,
    sizeBytes: text.length,
    pieces: () => wholeText(text),
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a text that is there already, as the stream that files are
async function* wholeText(text: string): AsyncGenerator<string> {
  yield text;
}

export { InputError } from '../../src/input/inputError.ts';
export { diagnoseFiles, type Diagnosed, type TextSource } from '../../src/diagnose/readFiles.ts';
export type { DiagnosisReport } from '../../src/diagnose/report.ts';
export type { SettingTexts } from '../../src/diagnose/settings.ts';
