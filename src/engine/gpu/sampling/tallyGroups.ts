/** Host side of shaders/tally_groups.wgsl. */
import batchWgsl from '../../../../shaders/lib/batch.wgsl?raw';
import tallyGroupsWgsl from '../../../../shaders/tally_groups.wgsl?raw';
import type { KernelSpec } from '../gpu.ts';

export function tallyGroupsSpec(workgroupSize: number): KernelSpec {
  return {
    source: {
      label: 'tally_groups',
      files: [
        { name: 'tally_groups.wgsl', text: tallyGroupsWgsl },
        { name: 'batch.wgsl', text: batchWgsl },
      ],
    },
    entryPoint: 'tally_groups',
    constants: { WORKGROUP_SIZE: workgroupSize },
    inputCount: 1,
    outputCount: 3,
  };
}
