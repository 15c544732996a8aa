/** What a result was measured on and with; nothing that names the machine or its user. */
import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Engine } from '../src/engines/engine.ts';
import type { Python } from './peer.ts';

const run = promisify(execFile);

export interface MachineFacts {
  readonly date: string;
  /** Of the repository; ends in "+changes" when files differ from it. */
  readonly commit: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
}

export async function machineFacts(engine: Engine, python: Python | undefined): Promise<MachineFacts> {
  const { device } = engine;
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: await commit(),
    processor: device.device,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    threads: device.threads,
    versions: {
      'Node.js': process.versions.node,
      'ONNX Runtime': device.version,
      ...(python && { PyTorch: python.torch, Python: python.version }),
    },
  };
}

/** Of the repository; ends in "+changes" when files differ from it. */
export async function commit(): Promise<string> {
  try {
    const { stdout } = await run('git', ['describe', '--always', '--dirty=+changes', '--exclude=*']);
    return stdout.trim();
  } catch {
    return 'unknown';
  }
}
