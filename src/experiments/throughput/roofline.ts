/**
 * How near a kernel comes to what its adapter can do: the operations that its text counts, at the most that small kernels did of
 * each on the same adapter, against the time that it took. What would take longest alone is what bounds it.
 */
import type { EngineEnvironment, KernelCounts, KernelProfile, Resource } from '../../engine/engine.ts';
import type { Level } from '../../engine/tally.ts';

export interface RooflineRow {
  readonly engine: EngineEnvironment['engine'];
  /** of the shape */
  readonly name: string;
  readonly level: Level;
  readonly kernel: string;
  /** of the kernel alone, the way to it and back left out */
  readonly tokensPerSecond: number;
  readonly perToken: KernelCounts;
  /** what would take longest, were nothing else to do */
  readonly bound: Resource;
  /** the time that it would take alone, over the time that the kernel took */
  readonly fraction: number;
  /** the same of every resource; together above 1 where an adapter does several at once */
  readonly shares: Readonly<Partial<Record<Resource, number>>>;
}

/** Words that name what bounds a kernel. */
export const RESOURCE_WORDS: Readonly<Record<Resource, string>> = {
  operations: 'integer operations',
  loads: 'loads that differ between lanes',
  privateAccesses: 'accesses to arrays of a thread',
  atomics: 'atomics',
  bytes: 'bandwidth',
  dispatches: 'dispatches',
};

/**
 * @param kernelMs what the kernel took for `tokenCount` tokens
 * @param submissions of that time
 */
export function rooflineOf(
  { kernel, perToken, ceilings }: KernelProfile,
  where: Pick<RooflineRow, 'engine' | 'name' | 'level'>,
  tokenCount: number,
  kernelMs: number,
  submissions: number,
): RooflineRow {
  const counts: Readonly<Record<Resource, number>> = {
    operations: perToken.operations * tokenCount,
    loads: perToken.loads * tokenCount,
    privateAccesses: perToken.privateAccesses * tokenCount,
    atomics: perToken.atomics * tokenCount,
    // What it reads again and again lies in near caches.
    bytes: 0,
    dispatches: submissions,
  };
  const share = (resource: Resource): number => (counts[resource] * 1000) / ceilings[resource] / kernelMs;
  const shares = Object.fromEntries(
    (Object.keys(counts) as Resource[]).map((resource) => [resource, share(resource)]),
  ) as Record<Resource, number>;
  const bound = (Object.keys(shares) as Resource[]).reduce((most, resource) =>
    shares[resource] > shares[most] ? resource : most,
  );
  return {
    ...where,
    kernel,
    tokensPerSecond: (tokenCount / kernelMs) * 1000,
    perToken,
    bound,
    fraction: shares[bound],
    shares,
  };
}
