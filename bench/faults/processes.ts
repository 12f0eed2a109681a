/** Processes as the system sees them, to find what a command leaves behind. Linux. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** What is there now; one that ends while we look is left out. */
export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        // The name in brackets may hold anything; state and parent follow it.
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        // It ended.
        return [];
      }
    });
}

/** A process and all that it started, and what these started. */
export function familyOf(pid: number): Process[] {
  const all = processes();
  const family = all.filter((entry) => entry.pid === pid);
  for (const member of family) {
    family.push(...all.filter(({ parent }) => parent === member.pid));
  }
  return family;
}

/** Ports on which one of the processes listens. */
export function listeningPorts(pids: readonly number[]): number[] {
  const sockets = new Map<string, number>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      // State 0A is LISTEN.
      if (fields[3] === '0A') sockets.set(fields[9], parseInt(fields[1].split(':')[1], 16));
    }
  }
  return pids.flatMap((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
        const port = inode === undefined ? undefined : sockets.get(inode);
        return port === undefined ? [] : [port];
      });
    } catch {
      // It ended, or a descriptor was closed.
      return [];
    }
  });
}

/** Whether a process of ours hears signals: by SIGHUP, for INT and TERM have a handler of Node's own before ours. */
export function hearsSignals(pid: number): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  const bit = constants.signals.SIGHUP - 1;
  return ((BigInt(`0x${caught}`) >> BigInt(bit)) & 1n) === 1n;
}

/** Waits until it is so. @throws Error where it never is */
export async function eventually(isSo: () => boolean, what: string, limitMs = 15_000): Promise<void> {
  const start = performance.now();
  while (!isSo()) {
    if (performance.now() - start > limitMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
