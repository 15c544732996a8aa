/**
 * The memory of this machine that runs may take. What the system calls free leaves out what it gives back when asked:
 * in a container with a limit the cache of files, on macOS nearly everything, so that a share of the whole is taken there.
 */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

export interface MachineMemory {
  readonly availableBytes: number;
  /** The most that there could ever be. */
  readonly totalBytes: number;
}

export interface MemoryFacts {
  readonly platform: NodeJS.Platform;
  readonly totalBytes: number;
  /** Of the container; larger than the total where there is none. */
  readonly limitBytes: number;
  readonly freeBytes: number;
  /** Of the container: read from files and not used lately. */
  readonly cacheBytes: number;
}

/** What is left for other programs on a machine that does not say what they need. */
const SHARE = 0.75;

/** `heldBytes`: what runs that compute have taken already. */
export function usableMemory(facts: MemoryFacts, heldBytes: number): MachineMemory {
  const { platform, limitBytes, freeBytes, cacheBytes } = facts;
  const totalBytes = limitBytes > 0 ? Math.min(limitBytes, facts.totalBytes) : facts.totalBytes;
  const isLimited = totalBytes < facts.totalBytes;
  const share = platform === 'darwin' ? SHARE * totalBytes - heldBytes : 0;
  const free = freeBytes + (isLimited ? cacheBytes : 0);
  return { availableBytes: Math.min(Math.max(free, share), totalBytes), totalBytes };
}

export function memoryFacts(): MemoryFacts {
  return {
    platform: process.platform,
    totalBytes: totalmem(),
    limitBytes: process.constrainedMemory(),
    freeBytes: process.availableMemory(),
    cacheBytes: cacheBytes(),
  };
}

/** By the figures of the process's own control group, in either version of that interface; elsewhere 0. */
function cacheBytes(): number {
  const groups = readIfThere('/proc/self/cgroup');
  const [, one] = /^\d+:memory:(.*)$/m.exec(groups) ?? [];
  const [, two] = /^0::(.*)$/m.exec(groups) ?? [];
  const path = one === undefined ? two : `/memory${one}`;
  const figures = path === undefined ? '' : readIfThere(`/sys/fs/cgroup${path}/memory.stat`);
  const [, bytes] =
    /^total_inactive_file (\d+)$/m.exec(figures) ?? /^inactive_file (\d+)$/m.exec(figures) ?? [];
  return bytes === undefined ? 0 : Number(bytes);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
