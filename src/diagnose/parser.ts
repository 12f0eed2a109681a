/** What takes the text of a file, cut anywhere. */
import type { Columns } from './columns.ts';

/** Characters without the end of a record, that only a missing quote or line end explains. */
export const MOST_WAITING = 2 ** 22;

export interface Parser {
  take(text: string): void;
  end(): Columns | null;
}
