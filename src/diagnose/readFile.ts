/**
 * Evaluation files as streams: CSV (by Papa Parse: any usual delimiter, quoted fields), JSONL, JSON, Parquet and archives, a piece at a
 * time, from a browser's File or from anything that gives pieces of text or bytes.
 */
import { openFile, type Piece } from './bytes.ts';
import type { Columns } from './columns.ts';
import { CsvParser } from './csvText.ts';
import type { Format } from './formats/format.ts';
import { JsonRecords, type JsonTarget } from './jsonRecords.ts';
import { NotResults } from './notResults.ts';
import { ArrayParser, isLines, JsonParser, LineParser } from './jsonParsers.ts';
import type { Parser } from './parser.ts';
import type { RowReader } from './rows.ts';

export interface FileRead {
  readonly columns: Columns;
  readonly rowCount: number;
  /** the format that it was known by, or null */
  readonly format: Format | null;
  readonly notes: readonly string[];
}

/** @param pieces the file, cut anywhere @param onProgress told of the bytes, or characters, read so far */
export async function readFile(
  pieces: AsyncIterable<Piece>,
  target: JsonTarget,
  onProgress: (count: number) => void,
): Promise<FileRead> {
  const { file, reader } = target;
  const opened = await openFile(pieces, file, onProgress);
  const records = new JsonRecords(target);
  let parser: Parser | null = null;
  if (opened.kind === 'zip') {
    const { inspectArchive } = await import('./formats/inspectArchive.ts');
    records.document(inspectArchive(await opened.bytes(), file));
    parser = new Nothing(records);
  } else if (opened.kind === 'parquet') {
    const { parquetRecords } = await import('../input/parquet.ts');
    const rows = await parquetRecords(await opened.bytes(), file);
    rows.forEach((row, i) => records.record(row, `row ${i + 1}`));
    parser = new Nothing(records);
  } else {
    let head = '';
    for await (const piece of opened.text) {
      if (parser) parser.take(piece);
      else {
        head += piece;
        // Lines of nothing may come first.
        if (head.trim() !== '') {
          parser = parserOf(head, file, reader, records);
          parser.take(head);
        }
      }
    }
  }
  const columns = parser?.end();
  if (!columns) throw new NotResults(file, 'a header and rows', 'an empty file');
  if (parser instanceof CsvParser) reader.finish();
  return {
    columns,
    rowCount: records.format ? records.rowCount : reader.rowCount,
    format: records.format,
    notes: [...records.notes(), ...reader.notes()],
  };
}

function parserOf(head: string, file: string, reader: RowReader, records: JsonRecords): Parser {
  const [start] = head.trimStart();
  if (start === '[') return new ArrayParser(file, records);
  if (start === '{') return new JsonParser(file, records);
  if (isLines(file)) return new LineParser(file, records);
  return new CsvParser(file, reader);
}

class Nothing implements Parser {
  readonly #records: JsonRecords;
  constructor(records: JsonRecords) {
    this.#records = records;
  }
  take(): void {
    throw new Error('all of it was taken');
  }
  end(): Columns | null {
    return this.#records.end();
  }
}
