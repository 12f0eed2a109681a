/** Rows of a Parquet file, by hyparquet: Snappy or unpacked, as data sets are published. */
import { parquetReadObjects } from 'hyparquet';
import { InputError } from './inputError.ts';

/** @throws InputError */
export async function parquetRecords(bytes: Uint8Array, file: string): Promise<Record<string, unknown>[]> {
  // A copy of its own: a view may be of a larger buffer.
  const { buffer } = new Uint8Array(bytes);
  try {
    const rows = await parquetReadObjects({ file: buffer });
    return rows.map((row) => JSON.parse(JSON.stringify(row, plainValue)) as Record<string, unknown>);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(
      file,
      'a Parquet file (unpacked or Snappy)',
      JSON.stringify(reason.slice(0, 80)),
      'save it as JSONL: to_json(orient="records", lines=True)',
    );
  }
}

/** 64-bit integers, which JSON of ours has as numbers. */
const plainValue = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? Number(value) : value;
