/** Reference values in test/oracle: computed by enumeration of all trajectories, independently of this project. */
import { readFileSync } from 'node:fs';

export function oracleText(name: string): string {
  return readFileSync(new URL(`./oracle/${name}`, import.meta.url), 'utf8');
}

/** @typeParam Shape what the file is known to hold */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the shape of parsed JSON
export function oracleJson<Shape>(name: string): Shape {
  return JSON.parse(oracleText(name)) as Shape;
}

export const ORACLE_PROBLEMS = [
  'bandit4',
  'bandit6-p10',
  'bandit6-p50',
  'bandit6-p90',
  'markov-v3-t3',
  'sequence-v3-t3',
  'sum-v4-t3',
] as const;

export const ORACLE_TALLIES = [
  'bandit4',
  'bandit6-p50',
  'markov-v3-t3',
  'sequence-v3-t3',
  'sum-v4-t3',
] as const;
