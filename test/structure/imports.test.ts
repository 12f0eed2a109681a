/** Imports point one way, and nothing turns in a circle. dependency-cruiser reads the code; the rules are in rooms.ts. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { expect, test } from 'vitest';
import { RULES } from './rooms.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function violations(folder: string): Promise<string[]> {
  const { output } = await cruise(
    ['src', 'bench'],
    {
      baseDir: folder,
      ruleSet: RULES,
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '\\.(json|wgsl|css)(\\?raw)?$' },
    },
    { extensions: ['.ts', '.tsx', '.mjs'] },
  );
  const { summary, modules } = output as ICruiseResult;
  expect(modules.length).toBeGreaterThan(0);
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).sort();
}

test('the code keeps to its rooms', async () => {
  expect(await violations(root)).toEqual([]);
}, 60_000);

/** A small house that breaks one rule; nothing passes here that the rule is meant to catch. */
async function violationsOf(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'passk-rooms-'));
  try {
    const all = { 'bench/main.ts': '', 'src/math/a.ts': 'export const a = 1;', ...files };
    for (const [name, text] of Object.entries(all)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return await violations(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  [
    'math that imports bench',
    { 'src/math/b.ts': "import '../../bench/main.ts';" },
    'src/math: only rooms below: src/math/b.ts -> bench/main.ts',
  ],
  [
    'a type-only circle',
    {
      'src/math/b.ts': "import type { C } from './c.ts';\nexport interface B { c: C }",
      'src/math/c.ts': "import type { B } from './b.ts';\nexport interface C { b: B }",
    },
    'no-circle: src/math/b.ts -> src/math/c.ts',
  ],
  [
    'an experiment that imports another',
    {
      'src/experiments/one/run.ts': "import '../two/run.ts';",
      'src/experiments/two/run.ts': 'export const two = 2;',
    },
    'an experiment knows no other: src/experiments/one/run.ts -> src/experiments/two/run.ts',
  ],
  [
    'lab that imports the suite above the experiments',
    { 'src/lab/a.ts': "import './suite/b.ts';", 'src/lab/suite/b.ts': 'export const b = 1;' },
    'src/lab: only rooms below: src/lab/a.ts -> src/lab/suite/b.ts',
  ],
  [
    'a file in a room of its own',
    { 'src/attic/a.ts': "import '../math/a.ts';" },
    'every-file-has-a-room: src/attic/a.ts -> src/math/a.ts',
  ],
])('%s is found', async (_, files, violation) => {
  expect(await violationsOf(files as unknown as Record<string, string>)).toContain(violation);
});
