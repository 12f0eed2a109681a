/** inspect-ai's `.eval`: a zip whose summaries have every sample's scores; deflate only. */
import { unzipSync } from 'fflate';
import { InputError } from '../../input/inputError.ts';
import { isObject, parseLooseJson } from '../jsonText.ts';

const METHODS: Readonly<Record<number, string>> = { 12: 'bzip2', 14: 'LZMA', 93: 'Zstandard', 95: 'XZ' };
const [STORED, DEFLATED] = [0, 8];
/** Unpacked, at most: a small archive may hold very much. */
const MOST_UNPACKED = 2 ** 28;

const HEADER = /^(header|_journal\/start)\.json$/;
const SUMMARIES = /^(summaries|_journal\/summaries\/\d+)\.json$/;

/** A log as its JSON would be: what it is of, and every sample. @throws InputError */
export function inspectArchive(bytes: Uint8Array, file: string): unknown {
  const methods = new Set<number>();
  let names = 0;
  let unpacked = 0;
  const wanted = (pattern: RegExp): Record<string, Uint8Array> => {
    try {
      return unzipSync(bytes, {
        filter: ({ name, compression, originalSize }) => {
          names += 1;
          if (!pattern.test(name)) return false;
          unpacked += originalSize;
          if (unpacked > MOST_UNPACKED)
            throw new InputError(`${file}: ${name}`, `at most ${MOST_UNPACKED} bytes unpacked`, 'more');
          if (compression !== STORED && compression !== DEFLATED) {
            methods.add(compression);
            return false;
          }
          return true;
        },
      });
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(
        file,
        'a zip that can be unpacked',
        'one that is cut short or damaged',
        'copy it again',
      );
    }
  };
  const found = wanted(/^(header|summaries|_journal\/start|_journal\/summaries\/\d+)\.json$/);
  if (methods.size > 0) {
    const [method] = methods;
    throw new InputError(
      file,
      'a log of inspect-ai packed with deflate',
      `one packed with ${METHODS[method] ?? `method ${method}`}`,
      'convert it: inspect log convert --to json',
    );
  }
  const keys = Object.keys(found);
  const header = keys.find((name) => name === 'header.json') ?? keys.find((name) => HEADER.test(name));
  if (header === undefined) {
    throw new InputError(
      file,
      'a log of inspect-ai (.eval)',
      `a zip of ${names} files without header.json`,
      'unpack it; save a spreadsheet as CSV',
    );
  }
  const read = (name: string): unknown =>
    parseLooseJson(new TextDecoder().decode(found[name]), `${file}: ${name}`);
  const document = read(header);
  if (!isObject(document)) throw new InputError(`${file}: ${header}`, 'an object', 'something else');
  const whole = keys.includes('summaries.json');
  const summaries = keys
    .filter((name) => (whole ? name === 'summaries.json' : SUMMARIES.test(name)))
    .sort((a, b) => Number(/\d+/.exec(a)?.[0] ?? 0) - Number(/\d+/.exec(b)?.[0] ?? 0));
  const samples = summaries.flatMap((name) => {
    const list = read(name);
    return Array.isArray(list) ? (list as unknown[]) : [];
  });
  return { ...document, plan: document.plan ?? {}, samples };
}
