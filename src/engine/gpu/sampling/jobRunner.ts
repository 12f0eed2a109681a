/** What does a sampling job on a GPU: batches of groups become pieces of work, and pieces a submission's dispatches. */
import type { Dispatch } from '../gpu.ts';
import type { GroupRange } from '../../sampler.ts';
import type { PromptCounters } from './counters.ts';

/** Some items of a batch, all alike, that may be cut anywhere. */
export interface Pass<Piece> {
  readonly itemCount: number;
  /** expected cost of an item, in tokens sampled */
  readonly unitsPerItem: number;
  readonly piece: (itemFirst: number, itemCount: number) => Piece;
}

export interface JobRunner<Piece> {
  /** which kernels, for reports */
  readonly name: string;
  /** groups of a batch, at most */
  readonly maxBatchGroups: number;
  /** pieces of a submission, at most */
  readonly maxPieces: number;
  readonly unitsPerGroup: number;
  /** units of a submission, at most */
  readonly maxUnits: number;
  readonly counters: PromptCounters;
  /** What a batch takes, in order. The batch's prompt gets its counters here. */
  passes(batch: GroupRange): readonly Pass<Piece>[];
  /** All pieces of a submission, in order, as what is submitted. */
  dispatches(pieces: readonly Piece[]): readonly Dispatch[];
  destroy(): void;
}
