/** CPU time of a process and its descendants. Linux; elsewhere it is not known. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of the kernel's clock in /proc, on every architecture that Linux runs on today. */
const TICKS_PER_SECOND = 100;

/** @returns null where there is no /proc */
export function cpuSecondsOfFamily(root: number): number | null {
  if (process.platform !== 'linux') return null;
  const found = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? processOf(name) : []));
  const family = new Set([root]);
  // Children are found after their parents however the numbers lie: until no more come.
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const { pid, parent } of found) if (family.has(parent)) family.add(pid);
  }
  return found.reduce((sum, { pid, ticks }) => sum + (family.has(pid) ? ticks : 0), 0) / TICKS_PER_SECOND;
}

function processOf(name: string): { pid: number; parent: number; ticks: number }[] {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The name in brackets may hold anything; the state follows it, then the parent.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
  } catch {
    // It ended.
    return [];
  }
}
