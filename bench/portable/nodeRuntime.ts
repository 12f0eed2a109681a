/** The Node that packs is the Node that is packed: whether it can run on its own, and where its licence is. Writes nothing. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../src/input/inputError.ts';

export interface NodeRuntime {
  readonly path: string;
  /** file with the licence of Node and of what is linked into it */
  readonly license: string;
}

/** What every Linux with glibc has, C++ programs on it or not: Node's own builds need no more. */
const OF_THE_SYSTEM =
  /^(linux-vdso|linux-gate|ld-linux|ld64|libc|libm|libdl|libpthread|librt|libstdc\+\+|libgcc_s|libatomic)[.-]/;

/** Where Node's builds and the packages made of them have it, seen from the folder above `bin`. */
const LICENSES = [
  'LICENSE',
  join('share', 'doc', 'nodejs', 'LICENSE'),
  join('share', 'doc', 'node', 'LICENSE'),
];

/** Libraries of which another machine may have none, or another version; addons of this process do not count. */
export function librariesOfItsOwn(sharedObjects: readonly string[]): string[] {
  return sharedObjects
    .map((path) => basename(path))
    .filter((name) => !OF_THE_SYSTEM.test(name) && !name.endsWith('.node'));
}

/**
 * @param license what was given in place of searching
 * @throws InputError
 */
export function findNode(license: string | undefined): NodeRuntime {
  const path = realpathSync(process.execPath);
  const { sharedObjects, header } = process.report.getReport() as unknown as {
    readonly sharedObjects: readonly string[];
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  const isLinked = librariesOfItsOwn(sharedObjects);
  if (header.glibcVersionRuntime === undefined || isLinked.length > 0) {
    throw new InputError(
      `Node ${process.versions.node}`,
      'one for glibc that needs no libraries of its own',
      isLinked.length > 0 ? `one that needs ${isLinked.slice(0, 3).join(', ')}` : 'one for another C library',
      'pack with a Node of nodejs.org',
    );
  }
  const prefix = dirname(dirname(path));
  const places = license === undefined ? LICENSES.map((place) => join(prefix, place)) : [license];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) {
    throw new InputError(
      '--node-license',
      "a file with Node's licence, which goes with it",
      `none at ${places.join(', ')}`,
      'name one',
    );
  }
  return { path, license: found };
}
