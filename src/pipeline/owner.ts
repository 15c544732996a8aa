/**
 * Who a process is, so that another one can tell whether it still lives. A process id alone is reused by the
 * system; on Linux the boot and the start time make it unique. Elsewhere, on another host and in another process
 * namespace nothing can be asked, and a heartbeat has to decide (lock.ts).
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod';
import { systemErrorCode } from '../common/errors.ts';

export const processIdentitySchema = z.object({
  pid: z.number(),
  host: z.string(),
  /** The process namespace on Linux: process ids mean nothing outside of it. */
  namespace: z.string().nullable(),
  /** Boot and start time (`/proc/<pid>/stat`, field 22) on Linux; `null` elsewhere. */
  started: z.string().nullable(),
  /** Random, one a process: tells this process from an earlier one with its number. */
  instance: z.string(),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** `unknown`: this process cannot ask, only a heartbeat can tell. */
export type Liveness = 'alive' | 'dead' | 'unknown';

const self: ProcessIdentity = {
  pid: process.pid,
  host: hostname(),
  namespace: processNamespace(),
  started: startOf(process.pid),
  instance: randomUUID(),
};

export function thisProcess(): ProcessIdentity {
  return self;
}

/** Whether its number means that process here: on this machine, and in the same container if in one. */
export function isHere({ host, namespace }: ProcessIdentity): boolean {
  return host === self.host && namespace === self.namespace;
}

/** Whether a process still runs, as far as this one can see. */
export function liveness(owner: ProcessIdentity): Liveness {
  if (owner.instance === self.instance) return 'alive';
  if (!isHere(owner)) return 'unknown';
  if (owner.pid === self.pid || !answers(owner.pid)) return 'dead';
  if (owner.started === null || self.started === null) return 'unknown';
  return startOf(owner.pid) === owner.started ? 'alive' : 'dead';
}

/** Whether a process of this number runs here. */
export function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}

/** `null` where there is no `/proc`, and for a process that has ended but was not collected by its parent. */
function startOf(pid: number): string | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const boot = readIfThere('/proc/sys/kernel/random/boot_id');
  if (stat === null || boot === null) return null;
  // The name, in parentheses, may hold anything; fields are counted after its end, from field 3 on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  return state === 'Z' || state === 'X' ? null : `${boot.trim()}/${startTicks}`;
}

function processNamespace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
