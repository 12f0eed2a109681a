/** Dawn as the optional package `webgpu` brings it: of five platforms, the files of this one. Writes nothing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../src/input/inputError.ts';

export interface Dawn {
  readonly version: string;
  /** as they lie in the package, and are to lie in its copy */
  readonly files: readonly string[];
  readonly license: string;
}

/**
 * @param folder of the package
 * @throws InputError
 */
export function findDawn(folder: string): Dawn {
  const install = 'npm install --no-save webgpu@0.6 --loglevel=notice';
  if (!existsSync(join(folder, 'package.json'))) {
    throw new InputError('webgpu', 'the optional package with Dawn', `nothing at ${folder}`, install);
  }
  const platform = join('dist', `${process.platform}-${process.arch}`);
  const files = ['package.json', 'index.js', join(platform, 'dawn.node')];
  const license = join(folder, 'LICENSE.md');
  const missing = [...files.map((file) => join(folder, file)), license].find((path) => !existsSync(path));
  if (missing !== undefined) {
    throw new InputError(
      'webgpu',
      'a package with Dawn for this platform',
      `one without ${missing}`,
      install,
    );
  }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  // Whatever lies beside Dawn is there because it is loaded by it.
  const beside = readdirSync(join(folder, platform)).map((name) => join(platform, name));
  return { version, files: [...new Set([...files, ...beside])], license };
}
