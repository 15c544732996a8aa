/** The processes that a test started or caused, found by what stands on their command lines. Linux only, as the editor is. */
import { readdirSync, readFileSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly command: readonly string[];
}

/** Living processes with `part` in an argument, without this one. */
export function processesWith(part: string): FoundProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command.some((argument) => argument.includes(part)));
}

export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Stands still until it is thawed or killed, so that a test can look at it as long as a busy machine needs. */
export function freeze({ pid }: FoundProcess): void {
  kill(pid, 'SIGSTOP');
}

export function thaw({ pid }: FoundProcess): void {
  kill(pid, 'SIGCONT');
}

/** Empty for a process that has ended meanwhile, and for a zombie. */
function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((argument) => argument !== '');
  } catch {
    return [];
  }
}
