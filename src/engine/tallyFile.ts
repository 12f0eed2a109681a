/**
 * `passk-tally@1`: a tally as a file (contract). Counts and sums are decimal strings, absent levels are absent, and the
 * hash is over the canonical JSON of everything but itself.
 */
import * as v from 'valibot';
import { canonicalJson, sha256 } from '../input/canonical.ts';
import { InputError } from '../input/inputError.ts';
import { check, integerIn } from '../input/schema.ts';
import { massesSha256, problemSha256, rowPosition, type Problem } from '../problem/problem.ts';
import {
  CLASS_SAMPLER_ID,
  MAX_GROUP_INDEX,
  MAX_SEED,
  SAMPLER_IDS,
  type SamplerId,
} from '../math/random/stream.ts';
import { conditionalSha256 } from '../problem/conditional.ts';
import { MAX_GROUP_SIZE, samplerId, type SamplingJob } from './sampler.ts';
import { BATCH_COUNT, LEVELS, SECOND_MOMENTS, type Level, type PromptTally } from './tally.ts';

/** [batch, c, S11, S10, S00] */
type SecondEntry = [number, number, string, string, string];
/** [c, r, t, u, v, N] */
type CountEntry = [number, number, number, number, number, string];

export interface PromptTallyFile {
  readonly id: string;
  readonly groups: readonly string[];
  readonly second?: readonly SecondEntry[];
  readonly counts?: readonly CountEntry[];
}

export interface TallyFile {
  readonly format: 'passk-tally@1';
  readonly problemSha256: string;
  readonly massesSha256: string;
  readonly sampler: SamplerId;
  readonly level: Level;
  readonly seed: number;
  readonly experiment: number;
  readonly groupSize: number;
  readonly firstGroup: number;
  readonly groupCount: number;
  /** only where the groups are not one run of indices: the [firstGroup, groupCount] of each run, in order */
  readonly ranges?: readonly (readonly [number, number])[];
  /** only of `cdf@1/classes`: how many trajectories of each group are correct by design */
  readonly given?: number;
  /** only of `cdf@1/classes`: over the masses of the tables that they are drawn from (problem/conditional.ts) */
  readonly conditionalSha256?: string;
  readonly prompts: readonly PromptTallyFile[];
  readonly sha256: string;
}

/** @param tallies one per prompt, all over the same groups */
export async function tallyFile(
  job: SamplingJob,
  firstGroup: number,
  groupCount: number,
  tallies: readonly PromptTally[],
): Promise<TallyFile> {
  const { problem, level, seed, drawId, groupSize, given } = job;
  if (given === 'each') throw new Error('a tally file holds groups of one design');
  return withHash({
    format: 'passk-tally@1',
    problemSha256: await problemSha256(problem),
    massesSha256: await massesSha256(problem),
    sampler: samplerId(job),
    ...(given === undefined ? {} : { given, conditionalSha256: await conditionalSha256(problem) }),
    level,
    seed,
    experiment: drawId,
    groupSize,
    firstGroup,
    groupCount,
    prompts: problem.prompts.map((prompt, index) => promptEntry(problem, prompt.id, tallies[index])),
  });
}

async function withHash(content: Omit<TallyFile, 'sha256'>): Promise<TallyFile> {
  return { ...content, sha256: await sha256(canonicalJson(content)) };
}

function promptEntry(problem: Problem, id: string, tally: PromptTally): PromptTallyFile {
  return {
    id,
    groups: Array.from(tally.groups, String),
    ...(tally.second ? { second: secondEntries(tally.second, tally.groups.length) } : {}),
    ...(tally.counts ? { counts: countEntries(problem, tally.counts) } : {}),
  };
}

function secondEntries(second: BigInt64Array, groupKinds: number): SecondEntry[] {
  const entries: SecondEntry[] = [];
  for (let cell = 0; cell < second.length; cell += SECOND_MOMENTS) {
    const [s11, s10, s00] = second.subarray(cell, cell + SECOND_MOMENTS);
    if (s11 === 0n && s10 === 0n && s00 === 0n) continue;
    const index = cell / SECOND_MOMENTS;
    entries.push([Math.floor(index / groupKinds), index % groupKinds, `${s11}`, `${s10}`, `${s00}`]);
  }
  return entries;
}

function countEntries(problem: Problem, counts: Float64Array): CountEntry[] {
  const { vocab, rowCount } = problem;
  const entries: CountEntry[] = [];
  for (let cell = 0; cell < counts.length; cell += 1) {
    if (counts[cell] === 0) continue;
    const row = Math.floor(cell / vocab) % rowCount;
    const kind = Math.floor(cell / (vocab * rowCount));
    const { t, context } = rowPosition(problem, row);
    entries.push([kind >> 1, kind & 1, t, context, cell % vocab, String(counts[cell])]);
  }
  return entries;
}

const count = v.pipe(v.string(), v.regex(/^(0|[1-9]\d{0,15})$/, 'expected a decimal count'));
const sum = v.pipe(v.string(), v.regex(/^(0|-?[1-9]\d{0,18})$/, 'expected a decimal 64-bit integer'));
const index = (last: number): v.GenericSchema<unknown, number> => integerIn(0, last);
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected a SHA-256'));

const schema = v.strictObject({
  format: v.literal('passk-tally@1'),
  problemSha256: hash,
  massesSha256: hash,
  sampler: v.picklist(SAMPLER_IDS),
  given: v.optional(integerIn(0, MAX_GROUP_SIZE)),
  conditionalSha256: v.optional(hash),
  level: v.picklist(LEVELS),
  seed: index(MAX_SEED),
  experiment: index(2 ** 32 - 1),
  groupSize: integerIn(1, MAX_GROUP_SIZE),
  firstGroup: index(MAX_GROUP_INDEX),
  groupCount: integerIn(1, MAX_GROUP_INDEX),
  ranges: v.optional(v.array(v.strictTuple([index(MAX_GROUP_INDEX), integerIn(1, MAX_GROUP_INDEX)]))),
  prompts: v.array(
    v.strictObject({
      id: v.string(),
      groups: v.array(count),
      second: v.optional(
        v.array(v.strictTuple([index(BATCH_COUNT - 1), index(MAX_GROUP_SIZE), sum, sum, sum])),
      ),
      counts: v.optional(
        v.array(
          v.strictTuple([index(MAX_GROUP_SIZE), index(1), index(4095), index(4095), index(4095), count]),
        ),
      ),
    }),
  ),
  sha256: hash,
  // What stands beside a tally (engine, adapter, times) is not part of it.
  run: v.optional(v.unknown()),
});

/** @throws InputError unless data is a tally whose hash matches its content */
export async function readTallyFile(data: unknown, name: string): Promise<TallyFile> {
  const { run: _run, ...file } = check(schema, data, name);
  const { sha256: claimed, ...content } = file as TallyFile;
  const actual = await sha256(canonicalJson(content));
  if (actual !== claimed) {
    throw new InputError(`${name}: sha256`, actual, claimed, 'the file was changed; tally again');
  }
  checkConsistent(file as TallyFile, name);
  return file as TallyFile;
}

/** What a schema cannot say: the parts of a tally must fit each other. @throws InputError */
function checkConsistent(file: TallyFile, name: string): void {
  const { groupSize, firstGroup, groupCount, level, ranges, prompts, sampler, given } = file;
  const expect = (holds: boolean, where: string, expected: string, got: string | number): void => {
    if (!holds) throw new InputError(`${name}: ${where}`, expected, String(got));
  };
  const runs = ranges ?? [[firstGroup, groupCount] as const];
  expect(ranges === undefined || ranges.length > 1, 'ranges', 'two or more runs of groups', runs.length);
  runs.forEach(([start, count], i) => {
    const least = i === 0 ? firstGroup : runs[i - 1][0] + runs[i - 1][1] + 1;
    expect(i === 0 ? start === least : start >= least, `ranges[${i}]`, `a start from ${least} on`, start);
    expect(start + count <= MAX_GROUP_INDEX, 'groupCount', `groups below ${MAX_GROUP_INDEX}`, start + count);
  });
  const covered = runs.reduce((total, [, count]) => total + count, 0);
  expect(covered === groupCount, 'groupCount', `${covered}, the groups of its ranges`, groupCount);
  const isByClass = sampler === CLASS_SAMPLER_ID;
  for (const key of ['given', 'conditionalSha256'] as const) {
    const words = isByClass ? 'a value' : 'none';
    expect(
      (file[key] !== undefined) === isByClass,
      key,
      `${words}: the sampler is ${sampler}`,
      file[key] ?? 'none',
    );
  }
  expect(given === undefined || given <= groupSize, 'given', `0 .. ${groupSize}`, given ?? 'none');
  expect(prompts.length > 0, 'prompts', 'at least one prompt', 'none');
  prompts.forEach(({ groups, second, counts }, i) => {
    const where = `prompts[${i}]`;
    expect(groups.length === groupSize + 1, `${where}.groups`, `${groupSize + 1} counts`, groups.length);
    const total = groups.reduce((sumOfGroups, text) => sumOfGroups + BigInt(text), 0n);
    expect(
      total === BigInt(groupCount),
      `${where}.groups`,
      `counts that add up to ${groupCount}`,
      String(total),
    );
    expect(
      given === undefined || groups.every((text, c) => c === given || text === '0'),
      `${where}.groups`,
      `groups with c = ${given} alone`,
      'others',
    );
    expect(
      (second !== undefined) === (level !== 'groups'),
      `${where}.second`,
      `what level ${level} holds`,
      second ? 'sums' : 'none',
    );
    expect(
      (counts !== undefined) === (level === 'full'),
      `${where}.counts`,
      `what level ${level} holds`,
      counts ? 'counts' : 'none',
    );
    for (const [, c, ...sums] of second ?? []) {
      expect(c <= groupSize, `${where}.second`, `c <= ${groupSize}`, c);
      for (const text of sums)
        expect(BigInt.asIntN(64, BigInt(text)) === BigInt(text), `${where}.second`, '64-bit sums', text);
    }
    for (const [c] of counts ?? []) expect(c <= groupSize, `${where}.counts`, `c <= ${groupSize}`, c);
  });
}

const IDENTITY = [
  'problemSha256',
  'massesSha256',
  'sampler',
  'given',
  'conditionalSha256',
  'level',
  'seed',
  'experiment',
  'groupSize',
] as const;

/**
 * The tally of the union of disjoint group ranges. Ranges that join up give the tally of the undivided range; where
 * they leave a gap the file lists its `ranges`.
 *
 * @throws InputError where identities differ or ranges overlap
 */
export async function mergeTallyFiles(
  files: readonly { readonly name: string; readonly file: TallyFile }[],
): Promise<TallyFile> {
  const [first, ...others] = files;
  for (const { name, file } of others) {
    for (const key of IDENTITY) {
      if (file[key] !== first.file[key]) {
        throw new InputError(
          `${name}: ${key}`,
          `${first.file[key] ?? 'none'}, as in ${first.name}`,
          String(file[key] ?? 'none'),
        );
      }
    }
    const sameShape =
      file.prompts.length === first.file.prompts.length &&
      file.prompts.every((prompt, i) => prompt.id === first.file.prompts[i].id);
    if (!sameShape) throw new InputError(`${name}: prompts`, `the prompts of ${first.name}`, 'others');
  }
  const ranges = joinRanges(files);
  const { sha256: _hash, ranges: _ranges, prompts, ...identity } = first.file;
  return withHash({
    ...identity,
    firstGroup: ranges[0][0],
    groupCount: ranges.reduce((total, [, groupCount]) => total + groupCount, 0),
    ...(ranges.length > 1 ? { ranges } : {}),
    prompts: prompts.map((prompt, i) =>
      mergePrompts(
        files.map(({ file }) => file.prompts[i]),
        prompt,
      ),
    ),
  });
}

/** All ranges in order, neighbours joined. @throws InputError where two overlap */
function joinRanges(
  files: readonly { readonly name: string; readonly file: TallyFile }[],
): [number, number][] {
  const parts = files
    .flatMap(({ name, file }) =>
      (file.ranges ?? [[file.firstGroup, file.groupCount] as const]).map(([start, groupCount]) => ({
        name,
        start,
        groupCount,
      })),
    )
    .sort((a, b) => a.start - b.start || a.groupCount - b.groupCount);
  const joined: [number, number][] = [];
  for (const { name, start, groupCount } of parts) {
    const last = joined.at(-1);
    const end = last ? last[0] + last[1] : start;
    if (start < end) {
      throw new InputError(`${name}: firstGroup`, `${end} or more: ranges must not overlap`, String(start));
    }
    if (last && start === end) last[1] += groupCount;
    else joined.push([start, groupCount]);
  }
  return joined;
}

function mergePrompts(parts: readonly PromptTallyFile[], first: PromptTallyFile): PromptTallyFile {
  const groups = first.groups.map((_, c) =>
    String(parts.reduce((total, part) => total + BigInt(part.groups[c]), 0n)),
  );
  const merged: PromptTallyFile = { id: first.id, groups };
  return {
    ...merged,
    ...(first.second
      ? {
          second: mergeEntries(
            parts.flatMap((part) => part.second ?? []),
            2,
          ) as SecondEntry[],
        }
      : {}),
    ...(first.counts
      ? {
          counts: mergeEntries(
            parts.flatMap((part) => part.counts ?? []),
            5,
          ) as CountEntry[],
        }
      : {}),
  };
}

/** Adds entries of equal key (their first `keyLength` numbers), drops those that add up to 0, sorts by key. */
function mergeEntries(
  entries: readonly (readonly (number | string)[])[],
  keyLength: number,
): (number | string)[][] {
  const sums = new Map<string, { key: number[]; values: bigint[] }>();
  for (const entry of entries) {
    const key = entry.slice(0, keyLength) as number[];
    const values = entry.slice(keyLength).map(BigInt);
    const known = sums.get(key.join());
    if (known) known.values.forEach((_, i) => (known.values[i] += values[i]));
    else sums.set(key.join(), { key, values });
  }
  return [...sums.values()]
    .filter(({ values }) => values.some((value) => value !== 0n))
    .sort((a, b) => a.key.map((part, i) => part - b.key[i]).find((difference) => difference !== 0) ?? 0)
    .map(({ key, values }) => [...key, ...values.map(String)]);
}
