/** A Python with PyTorch for tests, and why there is none. */
import { spawnSync } from 'node:child_process';
import { PyTorchEngine } from '../../src/engines/pytorch/engine.ts';
import { type Precision, PythonProcess } from '../../src/engines/pytorch/process.ts';
import { startShares } from '../../src/engines/pytorch/start.ts';

/** `undefined` where no Python has it. */
export const pythonWithTorch = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import torch']).status === 0,
);

/** For the option `skip` of a test. */
export const withoutTorch =
  pythonWithTorch === undefined ? 'no python3 has torch (Debian: python3-torch)' : false;

interface Options {
  readonly precision?: Precision;
  /** Processes of one thread that compute a step together. */
  readonly devices?: number;
  /** Another interpreter. */
  readonly python?: string;
}

export async function startTorch({
  precision = 'float32',
  devices = 1,
  python = pythonWithTorch ?? 'python3',
}: Options = {}): Promise<PyTorchEngine> {
  const options = { python, threads: 1, precision };
  if (devices > 1) return startShares(options, devices);
  return new PyTorchEngine([await PythonProcess.start(options)], options);
}
