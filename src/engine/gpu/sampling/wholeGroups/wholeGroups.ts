/** Host side of the kernel of whole groups: its tables, and the tickets that its workgroups draw by. */
import randomWgsl from '../../../../../shaders/lib/random.wgsl?raw';
import searchWgsl from '../../../../../shaders/lib/search.wgsl?raw';
import wholeGroupsWgsl from '../../../../../shaders/lib/whole_groups.wgsl?raw';
import wideWgsl from '../../../../../shaders/lib/wide.wgsl?raw';
import { seedKey } from '../../../../math/random/stream.ts';
import type { BoundKernel, Dispatch, Gpu, Kernel, KernelSpec, ShaderSource } from '../../gpu.ts';
import type { KernelCounts } from '../../../engine.ts';
import type { GroupRange, KernelFault, SamplingJob } from '../../../sampler.ts';
import { structWords } from '../../../structs.ts';
import type { PromptCounters } from '../counters.ts';
import type { DrawnRows } from '../drawnRows.ts';
import { countOperations } from '../../roofline/operations.ts';
import { withFault } from '../faults.ts';
import type { JobRunner, Pass } from '../jobRunner.ts';
import type { JobPlan } from '../plan.ts';
import { roundedTables, type RoundedTables } from '../roundedTables.ts';
import { collisionSum } from '../separateKernels.ts';
import { groupsPerTicket, mostGroupsPerTicket, type AdapterKind } from './plan.ts';
import { countedCells, jointMasses, kernelName, type WholeGroupShape } from './shape.ts';
import { wholeGroupSource } from './source.ts';
import {
  automatonTables,
  jointMassTable,
  meetingMassTable,
  reciprocalOf,
  type SearchTables,
} from './tables.ts';
import { runSchema, ticketSchema, type TicketField } from './ticket.ts';

/** As in whole_groups.wgsl. */
const EACH_IN_TURN = 2 ** 32 - 1;
/** Tickets of a submission, at most: a dispatch may have one workgroup fewer than 2^16. Each piece has one of its own. */
const MAX_TICKETS = 2 ** 16 - 1;
const MAX_PIECES = 2 ** 12;

export function wholeGroupSpec(
  shape: WholeGroupShape,
  workgroupSize: number,
  fault: KernelFault | undefined,
): KernelSpec {
  return {
    source: withFault({ label: 'whole groups', files: filesOf(shape) }, fault),
    entryPoint: ENTRY_POINT,
    constants: { WORKGROUP_SIZE: workgroupSize },
    inputCount: 5,
    outputCount: 3,
  };
}

const ENTRY_POINT = 'tally';

const filesOf = (shape: WholeGroupShape): ShaderSource['files'] => [
  { name: 'whole groups', text: wholeGroupSource(shape) },
  { name: 'whole_groups.wgsl', text: wholeGroupsWgsl },
  { name: 'search.wgsl', text: searchWgsl },
  { name: 'wide.wgsl', text: wideWgsl },
  { name: 'random.wgsl', text: randomWgsl },
];

/** What a thread does for one group, read off the kernel's text. */
export function countsOfGroup(shape: WholeGroupShape): KernelCounts {
  const { groupSize, streamLength, vocab, horizon } = shape;
  return countOperations({
    files: filesOf(shape).map(({ text }) => text),
    entryPoint: ENTRY_POINT,
    pass: 'at < ticket.group_count',
    trips: [
      // Rarely, or for few words.
      ['is_open', 0],
      ['low < high', 0],
      ['i < length', groupSize / Math.ceil(groupSize / streamLength)],
      ['place < CELLS', vocab * horizon],
    ],
  });
}

/** Groups of one prompt. */
interface Span extends GroupRange {
  readonly slot: number;
}

export interface WholeGroupParts {
  readonly drawn: DrawnRows;
  readonly search: SearchTables;
  readonly plan: JobPlan;
  readonly shape: WholeGroupShape;
  readonly counters: PromptCounters;
  readonly adapter: AdapterKind;
}

function massTable({ problem, level }: SamplingJob, rounded: RoundedTables): Uint32Array<ArrayBuffer> {
  if (level === 'groups') return new Uint32Array(1);
  return problem.context === 'previous'
    ? meetingMassTable(problem, rounded)
    : jointMassTable(problem, rounded);
}

export class WholeGroups implements JobRunner<Span> {
  readonly name: string;
  readonly maxBatchGroups: number;
  readonly maxPieces = MAX_PIECES;
  readonly unitsPerGroup: number;
  readonly maxUnits: number;
  readonly counters: PromptCounters;
  readonly #gpu: Gpu;
  readonly #plan: JobPlan;
  readonly #shape: WholeGroupShape;
  readonly #adapter: AdapterKind;
  readonly #bound: BoundKernel;
  readonly #uniforms: Uint32Array<ArrayBuffer>;
  /** [prompts], what every ticket of a prompt says */
  readonly #records: readonly Readonly<Record<TicketField, number>>[];
  readonly #tickets: GPUBuffer;
  /** what the next submission's tickets say, before it is uploaded */
  readonly #ticketWords = new Uint32Array(MAX_TICKETS * ticketSchema.fields.length);
  readonly #all: GPUBuffer[] = [];

  constructor(
    gpu: Gpu,
    kernel: Kernel,
    job: SamplingJob,
    { drawn, search, plan, shape, counters, adapter }: WholeGroupParts,
  ) {
    this.#gpu = gpu;
    this.#plan = plan;
    this.#shape = shape;
    this.#adapter = adapter;
    this.name = kernelName(shape);
    this.counters = counters;
    this.maxBatchGroups = Infinity;
    this.unitsPerGroup = job.groupSize * job.problem.horizon;
    this.maxUnits =
      (MAX_TICKETS - MAX_PIECES) * mostGroupsPerTicket(shape, adapter.workgroupSize) * this.unitsPerGroup;
    const upload = (name: string, words: Uint32Array<ArrayBuffer>): GPUBuffer =>
      this.#keep(gpu.upload(`WholeGroups.${name}`, words));
    const rounded = roundedTables(job.problem, job.level);
    const automata = automatonTables(job.problem, drawn.nextNode);
    const joint = jointMasses(shape);
    const massesOfPrompt = shape.rows === 'previous' ? countedCells(shape) : joint.blockCount * joint.size;
    this.#tickets = this.#keep(gpu.storage('WholeGroups.tickets', MAX_TICKETS * ticketSchema.fields.length));
    this.#bound = gpu.bind(
      kernel,
      [
        this.#tickets,
        upload('thresholds', search.thresholds),
        upload('guide', search.guide),
        upload('automata', automata.words),
        upload('jointMass', massTable(job, rounded)),
      ],
      [counters.groups, counters.second, counters.counts],
    );
    const [seedLow, seedHigh] = seedKey(job.seed);
    const given = job.given ?? 0;
    this.#uniforms = structWords(runSchema, {
      seed_low: seedLow,
      seed_high: seedHigh,
      draw_id: job.drawId,
      given: given === 'each' ? EACH_IN_TURN : given,
    });
    this.#records = job.problem.prompts.map(({ automaton }, prompt) => {
      const { accept } = job.problem.source.prompts[prompt];
      const { modulus, residue } = 'sum' in accept ? accept.sum : { modulus: 1, residue: 0 };
      return {
        prompt,
        group_low: 0,
        group_high: 0,
        group_count: 0,
        groups_first: 0,
        second_first: 0,
        counts_first: 0,
        row_first: prompt * job.problem.rowCount,
        mass_first: prompt * massesOfPrompt,
        collision_sum: job.level === 'groups' ? 0 : collisionSum(job.problem, rounded, prompt),
        sum_modulus: modulus,
        sum_residue: residue,
        sum_reciprocal: reciprocalOf(modulus),
        start_state: automaton.start,
        next_first: automata.nextFirst[prompt],
        accepting_first: automata.acceptingFirst[prompt],
        node_first: drawn.nodes[prompt].first,
        node_count: drawn.nodes[prompt].count,
        next_node_first: automata.nextNodeFirst,
      };
    });
  }

  passes(batch: GroupRange): Pass<Span>[] {
    const { slot } = this.counters.place(batch);
    return [
      {
        itemCount: batch.groupCount,
        unitsPerItem: this.unitsPerGroup,
        piece: (first, count) => ({
          ...batch,
          slot,
          firstGroup: batch.firstGroup + first,
          groupCount: count,
        }),
      },
    ];
  }

  dispatches(pieces: readonly Span[]): readonly Dispatch[] {
    const groupCount = pieces.reduce((sum, piece) => sum + piece.groupCount, 0);
    const perTicket = groupsPerTicket(groupCount, this.#shape, this.#adapter);
    const fieldCount = ticketSchema.fields.length;
    const tickets = this.#ticketWords;
    let ticketCount = 0;
    for (const piece of pieces) {
      for (let first = 0; first < piece.groupCount; first += perTicket) {
        const group = piece.firstGroup + first;
        const { groupsWords, secondWords, countsWords } = this.#plan;
        const ticket: Record<TicketField, number> = {
          ...this.#records[piece.prompt],
          group_low: group % 2 ** 32,
          group_high: Math.floor(group / 2 ** 32),
          group_count: Math.min(perTicket, piece.groupCount - first),
          groups_first: piece.slot * groupsWords,
          second_first: (piece.slot * secondWords) / 2,
          counts_first: piece.slot * countsWords,
        };
        tickets.set(structWords(ticketSchema, ticket), ticketCount * fieldCount);
        ticketCount += 1;
      }
    }
    this.#gpu.write(this.#tickets, tickets.subarray(0, ticketCount * fieldCount));
    return [{ bound: this.#bound, uniforms: this.#uniforms, workgroupCount: ticketCount }];
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
  }

  #keep(buffer: GPUBuffer): GPUBuffer {
    this.#all.push(buffer);
    return buffer;
  }
}
