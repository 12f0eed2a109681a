/** What experiment `published` finds: raw numbers only, and what is absent is absent. */

/** `printed`: a number that a source prints. `formula`: what a source's formula gives. `phrase`: words of a source, and a number on them. */
export type PublishedKind = 'printed' | 'formula' | 'phrase';

/** Something that stands somewhere else, and ours. */
export interface PublishedRow {
  readonly kind: PublishedKind;
  readonly source: string;
  readonly quantity: string;
  /** null for a phrase */
  readonly published: number | null;
  /** of the last digit */
  readonly tolerance: number;
  readonly ours: number;
  /** null for a phrase */
  readonly agrees: boolean | null;
  /** what explains a difference, or what the row rests on */
  readonly note: string | null;
}

export interface PublishedResult {
  readonly experiment: 'published';
  /** of the numbers that somebody printed */
  readonly printed: { readonly total: number; readonly agree: number };
  readonly rows: readonly PublishedRow[];
}
