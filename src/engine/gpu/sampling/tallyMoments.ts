/** Host side of shaders/tally_moments.wgsl. */
import batchWgsl from '../../../../shaders/lib/batch.wgsl?raw';
import wideWgsl from '../../../../shaders/lib/wide.wgsl?raw';
import tallyMomentsWgsl from '../../../../shaders/tally_moments.wgsl?raw';
import type { KernelSpec } from '../gpu.ts';
import type { ContextKind } from '../../../problem/problem.ts';

/** @param isNarrow whether the sums of one group fit 32 bits (tally.ts) */
export function tallyMomentsSpec(workgroupSize: number, context: ContextKind, isNarrow: boolean): KernelSpec {
  return {
    source: {
      label: 'tally_moments',
      files: [
        { name: 'tally_moments.wgsl', text: tallyMomentsWgsl },
        { name: 'batch.wgsl', text: batchWgsl },
        { name: 'wide.wgsl', text: wideWgsl },
      ],
    },
    entryPoint: 'tally_moments',
    constants: {
      WORKGROUP_SIZE: workgroupSize,
      HAS_CONTEXT: context === 'previous' ? 1 : 0,
      IS_NARROW: isNarrow ? 1 : 0,
    },
    inputCount: 5,
    outputCount: 1,
  };
}
