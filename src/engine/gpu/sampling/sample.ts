/** Host side of shaders/sample.wgsl. */
import batchWgsl from '../../../../shaders/lib/batch.wgsl?raw';
import randomWgsl from '../../../../shaders/lib/random.wgsl?raw';
import tokenWgsl from '../../../../shaders/lib/token.wgsl?raw';
import wideWgsl from '../../../../shaders/lib/wide.wgsl?raw';
import sampleWgsl from '../../../../shaders/sample.wgsl?raw';
import type { KernelSpec } from '../gpu.ts';
import type { ContextKind } from '../../../problem/problem.ts';
import { withFault } from './faults.ts';
import type { KernelFault } from '../../sampler.ts';
import type { Level } from '../../tally.ts';

export function sampleSpec(
  workgroupSize: number,
  context: ContextKind,
  level: Level,
  isByClass: boolean,
  fault: KernelFault | undefined,
): KernelSpec {
  return {
    source: withFault(
      {
        label: 'sample',
        files: [
          { name: 'sample.wgsl', text: sampleWgsl },
          { name: 'batch.wgsl', text: batchWgsl },
          { name: 'wide.wgsl', text: wideWgsl },
          { name: 'random.wgsl', text: randomWgsl },
          { name: 'token.wgsl', text: tokenWgsl },
        ],
      },
      fault,
    ),
    entryPoint: 'sample',
    constants: {
      WORKGROUP_SIZE: workgroupSize,
      STORES_TOKENS: level === 'groups' ? 0 : 1,
      HAS_CONTEXT: context === 'previous' ? 1 : 0,
      IS_BY_CLASS: isByClass ? 1 : 0,
    },
    inputCount: 5,
    outputCount: 2,
  };
}
