/** Host side of shaders/update.wgsl and of the kernels that are written for a shape. */
import memoryStorageWgsl from '../../../../shaders/lib/memory_storage.wgsl?raw';
import memoryWorkgroupWgsl from '../../../../shaders/lib/memory_workgroup.wgsl?raw';
import randomWgsl from '../../../../shaders/lib/random.wgsl?raw';
import trainingWgsl from '../../../../shaders/lib/training.wgsl?raw';
import updateValuesWgsl from '../../../../shaders/lib/update_values.wgsl?raw';
import wideWgsl from '../../../../shaders/lib/wide.wgsl?raw';
import updateWgsl from '../../../../shaders/update.wgsl?raw';
import type { KernelSpec } from '../gpu.ts';
import type { TrainingJob } from '../../training.ts';
import type { TrainingPlan } from './trainingPlan.ts';
import { rowByRowSource } from './rowByRow/source.ts';
import { unrolledSource } from './unrolled/source.ts';

export function updateSpec(job: TrainingJob, plan: TrainingPlan): KernelSpec {
  const libraries = [
    { name: 'training.wgsl', text: trainingWgsl },
    { name: 'wide.wgsl', text: wideWgsl },
    { name: 'random.wgsl', text: randomWgsl },
  ];
  const { generated } = plan;
  if (generated) {
    return {
      source: {
        label: `update, ${generated.form}`,
        files: [
          {
            name: `generated update, ${generated.form}`,
            text:
              generated.form === 'unrolled'
                ? unrolledSource(generated.shape)
                : rowByRowSource(generated.shape),
          },
          { name: 'update_values.wgsl', text: updateValuesWgsl },
          ...libraries,
        ],
      },
      entryPoint: 'update',
      constants: { WORKGROUP_SIZE: plan.workgroupSize },
      inputCount: 4,
      outputCount: 3,
    };
  }
  const inWorkgroup = plan.memory === 'workgroup';
  return {
    source: {
      label: 'update',
      files: [
        { name: 'update.wgsl', text: updateWgsl },
        ...libraries,
        inWorkgroup
          ? { name: 'memory_workgroup.wgsl', text: memoryWorkgroupWgsl }
          : { name: 'memory_storage.wgsl', text: memoryStorageWgsl },
      ],
    },
    entryPoint: 'update',
    constants: {
      WORKGROUP_SIZE: plan.workgroupSize,
      HAS_CONTEXT: job.problem.context === 'previous' ? 1 : 0,
      IS_SHARED: job.problem.features ? 1 : 0,
      IS_ADAM: job.optimiser.kind === 'adam' ? 1 : 0,
      HAS_ENTROPY_BONUS: job.entropyBonus > 0 ? 1 : 0,
      IS_SIMKO: job.simko ? 1 : 0,
      WRITES_MASSES: job.masses === 'kept' ? 1 : 0,
      ...(inWorkgroup ? { MEMORY_SLOTS: plan.layout.slotCount } : {}),
    },
    inputCount: 4,
    outputCount: inWorkgroup ? 3 : 4,
  };
}
