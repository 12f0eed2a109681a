/** Host side of shaders/tally_counts.wgsl. */
import batchWgsl from '../../../../shaders/lib/batch.wgsl?raw';
import tallyCountsWgsl from '../../../../shaders/tally_counts.wgsl?raw';
import type { KernelSpec } from '../gpu.ts';
import type { ContextKind } from '../../../problem/problem.ts';

export function tallyCountsSpec(workgroupSize: number, context: ContextKind): KernelSpec {
  return {
    source: {
      label: 'tally_counts',
      files: [
        { name: 'tally_counts.wgsl', text: tallyCountsWgsl },
        { name: 'batch.wgsl', text: batchWgsl },
      ],
    },
    entryPoint: 'tally_counts',
    constants: { WORKGROUP_SIZE: workgroupSize, HAS_CONTEXT: context === 'previous' ? 1 : 0 },
    inputCount: 3,
    outputCount: 1,
  };
}
