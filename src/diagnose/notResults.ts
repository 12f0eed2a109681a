/** A file that holds no results at all: one of a folder may, and is passed over. */
import { InputError } from '../input/inputError.ts';

export class NotResults extends InputError {
  override name = 'InputError';
}
