/**
 * The rooms of the house and which of them each may import: the map of DEV.md as rules for dependency-cruiser. Type-only
 * imports count: what a type speaks of, its file knows.
 */
import type { IFlattenedRuleSet } from 'dependency-cruiser';

/** From the ground up: a room may import itself and any room named before it. */
export const ROOMS = [
  'src/math',
  'src/view',
  'src/input',
  'src/problem',
  'src/estimators',
  'src/theory',
  'src/identify',
  'src/diagnose',
  'src/engine',
  'src/lab',
  'src/experiments',
  'src/lab/suite',
  'src/threads',
  'src/ui',
  'src/cli',
  'bench',
] as const;

/** Rooms side by side, or apart for a reason of their own. */
const WALLS: readonly (readonly [from: string, to: string, why: string])[] = [
  ['src/ui', 'src/cli', 'a screen knows no other screen'],
  ['src/cli', 'src/ui', 'a screen knows no other screen'],
  ['src/cli', 'src/threads', 'the command line reaches the page through what bench hands it'],
  ['src/lab', 'src/engine/(gpu|twin|cpu|worker)', 'an experiment is the same on every engine'],
  ['src/engine/(gpu|twin)', 'src/engine/worker', 'an engine does not know where it lives'],
  ['src/engine/gpu', 'src/engine/twin', 'the reference and what is held against it share only the contract'],
  ['src/engine/twin', 'src/engine/gpu', 'the reference and what is held against it share only the contract'],
];

/** A folder's files, without those of the rooms inside it. */
function filesOf(room: string): { path: string; pathNot?: string[] } {
  const inside = ROOMS.filter((other) => other.startsWith(`${room}/`)).map((other) => `^${other}/`);
  return { path: `^${room}/`, ...(inside.length > 0 ? { pathNot: inside } : {}) };
}

export const RULES: IFlattenedRuleSet = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every-file-has-a-room',
      severity: 'error',
      from: { path: '^(src|bench)/', pathNot: ROOMS.map((room) => `^${room}/`) },
      to: {},
    },
    ...ROOMS.slice(0, -1).map((room, floor) => ({
      name: `${room}: only rooms below`,
      severity: 'error' as const,
      from: filesOf(room),
      to: { path: ROOMS.slice(floor + 1).map((other) => `^${other}/`) },
    })),
    ...WALLS.map(([from, to, why]) => ({
      name: `${from} without ${to}`,
      comment: why,
      severity: 'error' as const,
      from: filesOf(from),
      to: { path: `^${to}/` },
    })),
    {
      name: 'an experiment knows no other',
      severity: 'error',
      from: { path: '^src/experiments/([^/]+)/' },
      to: { path: '^src/experiments/', pathNot: '^src/experiments/$1/' },
    },
    {
      name: 'what was found is data: no DOM, no views',
      severity: 'error',
      from: { path: '^src/(?!ui/)' },
      to: { path: 'node_modules/(preact|@preact|d3-|idb-keyval)|src/ui/' },
    },
  ],
};
