/** The counters of a job on the GPU: which prompts have some now, which groups they hold, and reading them back. */
import type { Gpu } from '../gpu.ts';
import type { Chunk, GroupRange } from '../../sampler.ts';
import type { PromptTally } from '../../tally.ts';
import type { JobPlan } from './plan.ts';

/** A place among the counters, in prompts. */
export interface Slot {
  readonly slot: number;
}

export class PromptCounters {
  readonly groups: GPUBuffer;
  readonly second: GPUBuffer;
  readonly counts: GPUBuffer;
  /** counters of one prompt */
  readonly bytesPerPrompt: number;
  readonly #gpu: Gpu;
  readonly #plan: JobPlan;
  /** prompt → its slot among the counters, and the groups counted there since the last drain */
  readonly #unread = new Map<number, { readonly slot: number; range: GroupRange }>();

  constructor(gpu: Gpu, plan: JobPlan) {
    this.#gpu = gpu;
    this.#plan = plan;
    this.bytesPerPrompt = 4 * (plan.groupsWords + plan.secondWords + plan.countsWords);
    const storage = (name: string, wordsPerPrompt: number): GPUBuffer =>
      gpu.storage(`PromptCounters.${name}`, plan.promptsPerTurn * wordsPerPrompt);
    this.groups = storage('groups', plan.groupsWords);
    this.second = storage('second', plan.secondWords);
    this.counts = storage('counts', plan.countsWords);
  }

  /** Whether the counters hold groups of the prompt that were not drained. */
  holds(prompt: number): boolean {
    return this.#unread.has(prompt);
  }

  /** Whether the counters can take this group without a drain first. */
  accepts(prompt: number, firstGroup: number, maxChunkGroups: number): boolean {
    const unread = this.#unread.get(prompt);
    if (!unread) return this.#unread.size < this.#plan.promptsPerTurn;
    const { range } = unread;
    return range.firstGroup + range.groupCount === firstGroup && range.groupCount < maxChunkGroups;
  }

  /** Groups of a prompt that fit before its counters could overflow. */
  roomFor(prompt: number, maxChunkGroups: number): number {
    return maxChunkGroups - (this.#unread.get(prompt)?.range.groupCount ?? 0);
  }

  /** Where a batch's prompt is counted. */
  place(batch: GroupRange): Slot {
    const known = this.#unread.get(batch.prompt);
    if (known) return known;
    const placed = { slot: this.#unread.size, range: { ...batch, groupCount: 0 } };
    this.#unread.set(batch.prompt, placed);
    return placed;
  }

  markDone(batch: GroupRange): void {
    const unread = this.#unread.get(batch.prompt);
    if (!unread) throw new Error(`batch of prompt ${batch.prompt} was not placed`);
    unread.range = { ...unread.range, groupCount: unread.range.groupCount + batch.groupCount };
  }

  /** Reads and clears the counters of every prompt counted since the last drain. */
  async drain(): Promise<Chunk[]> {
    const unread = [...this.#unread.values()].filter(({ range }) => range.groupCount > 0);
    this.#unread.clear();
    if (unread.length === 0) return [];
    const { groupsWords, secondWords, countsWords } = this.#plan;
    const parts = [
      { buffer: this.groups, words: groupsWords },
      { buffer: this.second, words: secondWords },
      { buffer: this.counts, words: countsWords },
    ].filter(({ words }) => words > 0);
    // Slots are taken in order: of each buffer one piece is read.
    const slotCount = 1 + Math.max(...unread.map(({ slot }) => slot));
    const bytes = await this.#gpu.read(
      parts.map(({ buffer, words }) => ({ buffer, wordFirst: 0, wordCount: slotCount * words })),
      'clear',
    );
    return unread.map(({ range, slot }): Chunk => {
      const counters = (part: number, words: number): Float64Array =>
        new Float64Array(new Uint32Array(bytes[part], slot * words * 4, words));
      const tally: PromptTally = {
        groups: counters(0, groupsWords),
        // Two u32 words, low first, are one signed 64-bit integer.
        ...(secondWords > 0
          ? {
              second: new BigInt64Array(bytes[1].slice(slot * secondWords * 4, (slot + 1) * secondWords * 4)),
            }
          : {}),
        ...(countsWords > 0 ? { counts: counters(2, countsWords) } : {}),
      };
      return { range, tally };
    });
  }

  destroy(): void {
    for (const buffer of [this.groups, this.second, this.counts]) buffer.destroy();
  }
}
