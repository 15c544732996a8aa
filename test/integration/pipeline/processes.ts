/** Child processes of the tests, read line by line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bundleOf } from '../../../scripts/run-tests.mjs';

export interface Child {
  readonly process: ChildProcess;
  readonly lines: string[];
  /** The first line that contains a text; throws when the process ends without one. */
  until(text: string): Promise<string>;
  /** Exit status or signal. */
  readonly ended: Promise<number | string>;
}

export function startScript(script: URL, args: readonly string[]): Child {
  const child = spawn(process.execPath, [bundleOf(fileURLToPath(script)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const one of waiting) one();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  let over = false;
  const ended = once(child, 'close').then(([code, signal]): number | string => {
    over = true;
    wake();
    return typeof signal === 'string' ? signal : Number(code);
  });
  const until = async (text: string): Promise<string> => {
    for (;;) {
      const line = lines.find((one) => one.includes(text));
      if (line !== undefined) return line;
      if (over) throw new Error(`ended without "${text}": ${lines.join(' | ')}`);
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
      });
    }
  };
  return { process: child, lines, until, ended };
}
