/** The searches of the kernel of whole groups, put to the known answers of the token rule: the very text that samples. */
import searchWgsl from '../../../../../shaders/lib/search.wgsl?raw';
import type { KernelSpec } from '../../gpu.ts';
import type { KernelFault } from '../../../sampler.ts';
import { withFault } from '../faults.ts';
import { searchFunction, thresholdValues, tokenText } from './tokenText.ts';
import { tokenBitsOf, type Search, type WholeGroupShape } from './shape.ts';

export const TESTED_SEARCHES: readonly Search[] = ['compare', 'packed', 'bisect'];

/** Few buckets, so that some hold several thresholds. */
export const testedGuideBits = (vocab: number): number => tokenBitsOf(vocab) + 3;

export function searchTestSpec(
  search: Search,
  vocab: number,
  workgroupSize: number,
  fault: KernelFault | undefined,
): KernelSpec {
  const shape: WholeGroupShape = {
    vocab,
    horizon: 1,
    groupSize: 1,
    streamLength: 1,
    level: 'groups',
    // Tokens of crowded buckets are then found at once.
    rows: 'node',
    search,
    guideBits: testedGuideBits(vocab),
    hasCrowdedBuckets: true,
    hasSpareTokens: true,
    verifier: 'sum',
    moments: 'pairs',
    counters: 'global',
    isNarrow: true,
  };
  const text = [...thresholdValues(shape, 'row'), ...tokenText(shape, 0, 'row')];
  return {
    source: withFault(
      {
        label: `self test of search '${search}'`,
        files: [
          { name: 'search test', text: source(shape, text) },
          { name: 'search.wgsl', text: searchWgsl },
        ],
      },
      fault,
    ),
    entryPoint: 'token_answers',
    constants: { WORKGROUP_SIZE: workgroupSize },
    inputCount: 3,
    outputCount: 1,
  };
}

const source = (shape: WholeGroupShape, text: readonly string[]): string => `override WORKGROUP_SIZE: u32;

struct Cases {
  case_count: u32,
}

@group(0) @binding(0) var<uniform> cases: Cases;

@group(1) @binding(0) var<storage, read> words_in: array<u32>; // a word and a row for each case
@group(1) @binding(1) var<storage, read> thresholds: array<u32>;
@group(1) @binding(2) var<storage, read> guide: array<u32>;

@group(2) @binding(0) var<storage, read_write> words_out: array<u32>;

${searchFunction(shape).join('\n')}

@compute @workgroup_size(WORKGROUP_SIZE)
fn token_answers(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= cases.case_count) { return; }
  let word_0 = words_in[2u * id.x];
  let row = words_in[2u * id.x + 1u];
  ${text.join('\n  ')}
  words_out[id.x] = token_0;
}
`;
