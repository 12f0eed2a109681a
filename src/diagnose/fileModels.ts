/**
 * Which model, and which checkpoint of it, a file is of, where it does not say itself: files that are seeds, runs or shards by their
 * names are one model, files of steps its checkpoints, others a model each.
 */

export interface FilePlace {
  readonly model: string;
  readonly checkpoint: string | null;
}

const ENDINGS = /(\.(csv|tsv|txt|jsonl|ndjson|json|eval|parquet|gz))+$/i;
/** "-rs3", "_seed0", ".run2", "part-00001-of-00004", "_s0_e-1" */
const SEED =
  /(^|[-_. /])(?:(?:rs|seed|run|rep|repeat|shard|part|chunk|sample|trial|attempt|rollout|worker|replica)[-_. =]?(\d+)(?:-of-\d+)?|(\d+)-of-\d+)(?=$|[-_. /])/i;
const STEP = /(^|[-_. /])(?:global_?step|step|checkpoint|ckpt|iteration|iter)[-_. =]?(\d+)(?=$|[-_. /])/i;
/** Names that say nothing of a model. */
const PLAIN =
  /^(|output|outputs|result|results|samples?|eval|evals|evaluation|test|data|generations|scores)$/i;

/** @param given the one model that all files are of, or null */
export function placesOfFiles(paths: readonly string[], given: string | null): FilePlace[] {
  const names = modelsOfFiles(paths);
  const stems = paths.map((path) => path.replace(ENDINGS, '').replaceAll('\\', '/'));
  const without = (pattern: RegExp): string[] => stems.map((stem) => stem.replace(pattern, '$1'));
  const steps = stems.map((stem) => STEP.exec(stem)?.[2] ?? null);
  const [bySeed, byStep] = [without(SEED), without(STEP)];
  const count = (all: readonly string[], own: string): number => all.filter((other) => other === own).length;
  return stems.map((stem, i): FilePlace => {
    const isStep = steps[i] !== null && count(byStep, byStep[i]) > 1;
    if (given !== null) return { model: clean(given), checkpoint: isStep ? steps[i] : null };
    if (isStep) return { model: clean(shortName(byStep[i])), checkpoint: steps[i] };
    if (
      bySeed[i] !== stem &&
      count(bySeed, bySeed[i]) > 1 &&
      areParts(stems.filter((_, j) => bySeed[j] === bySeed[i]))
    )
      return { model: clean(shortName(bySeed[i])), checkpoint: null };
    return { model: names[i], checkpoint: null };
  });
}

/** Seeds by any number; of others only those that count from 0 or 1: 8 and 64 may be sizes. */
function areParts(stems: readonly string[]): boolean {
  const found = stems.map((stem) => SEED.exec(stem));
  if (found.every((match) => /(^|[^a-z])(rs|seed)/i.test(match?.[0] ?? ''))) return true;
  const numbers = found.map((match) => Number(match?.[2] ?? match?.[3])).sort((a, b) => a - b);
  return numbers[0] <= 1 && numbers.every((number, i) => number === numbers[0] + i);
}

/** The last part of a path that says something. */
function shortName(path: string): string {
  const parts = path
    .split('/')
    .map((part) => part.replace(/^[-_. ]+|[-_. ]+$/g, '').replace(/([-_.])[-_.]+/g, '$1'));
  return (
    [...parts].reverse().find((part) => !PLAIN.test(part)) ?? parts.findLast((part) => part !== '') ?? 'model'
  );
}

/** The folder that all files are in, or the first one's name. */
export function folderModel(paths: readonly string[]): string {
  const folders = paths.map((path) => path.replaceAll('\\', '/').split('/').slice(0, -1));
  let shared = 0;
  while (folders.every((own) => shared < own.length && own[shared] === folders[0][shared])) shared += 1;
  const name = shared === 0 ? undefined : folders[0][shared - 1];
  return clean(name === undefined || name === '' || name === '.' ? modelsOfFiles(paths)[0] : name);
}

/**
 * What to call the models of files that name none: the files' names without folder and ending, or, where two would be alike,
 * their paths without what all have in common.
 */
export function modelsOfFiles(paths: readonly string[]): string[] {
  const bare = paths.map((path) => path.replace(ENDINGS, ''));
  const last = bare.map((path) => path.split(/[\\/]/).at(-1) ?? path);
  if (new Set(last).size === last.length) return last.map(clean);
  const parts = bare.map((path) => path.split(/[\\/]/));
  let shared = 0;
  while (parts.every((own) => shared < own.length - 1 && own[shared] === parts[0][shared])) shared += 1;
  const names = parts.map((own) => clean(own.slice(shared).join('/')));
  // Files picked in a browser may come without their folders.
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

/** Names are printed: what would move a cursor or end a line is not part of one. */
export function clean(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
