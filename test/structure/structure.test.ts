/** What the layout of the code promises. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadSchema } from '../../src/engine/gpu/roofline/ceilings.ts';
import { batchSchema } from '../../src/engine/gpu/sampling/batch.ts';
import { runSchema, ticketSchema } from '../../src/engine/gpu/sampling/wholeGroups/ticket.ts';
import { slicesSchema } from '../../src/engine/gpu/sampling/sliced/slices.ts';
import { casesSchema } from '../../src/engine/gpu/selfTest.ts';
import { trainingSchema as packSchema, REALS } from '../../src/engine/cpu/packTrainer.ts';
import { promptSchema } from '../../src/engine/cpu/promptSampler.ts';
import { trainingSchema } from '../../src/engine/gpu/training/trainingBlock.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function files(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(root, folder, name));
}

const imports = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) =>
    resolve(dirname(file), path),
  );

describe('the GPU', () => {
  const sources = files('src', '.ts');

  test('only src/engine/gpu/gpu.ts, and its clock, create GPU objects', () => {
    const creating = sources.filter((file) =>
      /\.create(Buffer|BindGroup|ComputePipeline|ShaderModule|CommandEncoder)\w*\(/.test(
        readFileSync(file, 'utf8'),
      ),
    );
    expect(creating.map((file) => relative(root, file))).toEqual([
      'src/engine/gpu/gpu.ts',
      'src/engine/gpu/gpuClock.ts',
    ]);
  });

  test('bench never imports a kernel', () => {
    const kernelFiles = new Set(shaderStems());
    const touched = files('bench', '.ts')
      .flatMap(imports)
      .map((path) => basename(path, '.ts'))
      .filter((stem) => kernelFiles.has(stem));
    expect(touched).toEqual([]);
  });
});

/** shaders/tally_groups.wgsl ↔ src/engine/gpu/sampling/tallyGroups.ts */
function shaderStems(): string[] {
  return readdirSync(join(root, 'shaders'))
    .filter((name) => name.endsWith('.wgsl'))
    .map((name) => basename(name, '.wgsl').replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

describe('shaders', () => {
  test('each has its host file of the same stem', () => {
    const hosts = new Set(files('src/engine/gpu', '.ts').map((file) => basename(file, '.ts')));
    expect(shaderStems().filter((stem) => !hosts.has(stem))).toEqual([]);
  });

  test.each([
    [batchSchema, 'lib/batch.wgsl'],
    [loadSchema, 'ceilings.wgsl'],
    [runSchema, 'lib/whole_groups.wgsl'],
    [ticketSchema, 'lib/whole_groups.wgsl'],
    [casesSchema, 'self_test.wgsl'],
    [slicesSchema, 'lib/sliced.wgsl'],
    [trainingSchema, 'lib/training.wgsl'],
  ])("struct $name has the host schema's fields, all u32, in order", (schema, file) => {
    const text = readFileSync(join(root, 'shaders', file), 'utf8');
    const body = new RegExp(`struct ${schema.name} \\{([^}]*)\\}`).exec(text)?.[1] ?? '';
    const fields = [...body.matchAll(/^\s*(\w+):\s*(\w+),/gm)].map(([, name, type]) => `${name}: ${type}`);
    expect(fields).toEqual(schema.fields.map((field) => `${field}: u32`));
  });

  test.each([
    [promptSchema, 'sampling.ts'],
    [packSchema, 'pack.ts'],
  ])(
    "class $name of the CPU engine's kernels has the host schema's fields, four bytes each, in order",
    (schema, file) => {
      const text = readFileSync(join(root, 'assembly', file), 'utf8').replaceAll(/\/\*\*[\s\S]*?\*\//g, '');
      const body = new RegExp(`class ${schema.name} \\{([^}]*)\\}`).exec(text)?.[1] ?? '';
      const fields = [...body.matchAll(/(\w+): (u32|usize|f32);/g)].map(([, name, type]) => [
        name,
        type === 'f32',
      ]);
      expect(fields).toEqual(schema.fields.map((field) => [field, REALS.has(field)]));
    },
  );
});
