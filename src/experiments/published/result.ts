/** What experiment `published` finds: raw numbers only, and what is absent is absent. */

/** A number that is printed somewhere else, and ours. */
export interface PublishedRow {
  readonly source: string;
  readonly quantity: string;
  readonly published: number;
  /** of the last digit printed */
  readonly tolerance: number;
  readonly ours: number;
  readonly agrees: boolean;
  /** what explains a difference, or what the row rests on */
  readonly note: string | null;
}

export interface PublishedResult {
  readonly experiment: 'published';
  readonly rows: readonly PublishedRow[];
}
