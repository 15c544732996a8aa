/**
 * Finds a Python that has PyTorch, which Parlance never installs, and starts one process for each device of this machine.
 * `PARLANCE_PYTHON` names one (`--python` and the setting parlance.python set it); else the active environment is looked at,
 * then what the shell would find, then the system's own, whose packages other Pythons do not see.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../common/errors.ts';
import { PyTorchEngine } from './engine.ts';
import { type Hello, type Precision, PythonProcess } from './process.ts';
import { PYTHON_VARIABLE } from './python-variable.ts';

/** Starts PyTorch. Throws InputError with the reason of each Python that was tried, and what to do. */
export async function startPyTorch(threads: number, precision: Precision): Promise<PyTorchEngine> {
  const { python, first } = await firstThatStarts(candidates(), threads, precision);
  const { hello } = first;
  try {
    requirePrecision(precision, hello);
  } catch (error) {
    await first.end();
    throw error;
  }
  if (hello.devices === 1) return new PyTorchEngine([first], threads, precision);
  await first.end();
  return new PyTorchEngine(
    await startShares({ python, threads, precision }, hello.devices),
    threads,
    precision,
  );
}

/** One process a device; they compute a step together. */
export async function startShares(
  options: { readonly python: string; readonly threads: number; readonly precision: Precision },
  count: number,
): Promise<PythonProcess[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-devices-'));
  const rendezvous = join(folder, 'rendezvous');
  const ranks = Array.from({ length: count }, (_, rank) => rank);
  const failed = new AbortController();
  const start = (rank: number) =>
    PythonProcess.start({ ...options, share: { rank, count, rendezvous }, signal: failed.signal });
  try {
    return await Promise.all(ranks.map(start));
  } catch (error) {
    // The others wait for the one that did not start.
    failed.abort();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function firstThatStarts(pythons: readonly string[], threads: number, precision: Precision) {
  const reasons: string[] = [];
  for (const python of pythons) {
    try {
      return { python, first: await PythonProcess.start({ python, threads, precision }) };
    } catch (error) {
      reasons.push(`${python}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const asked = process.env[PYTHON_VARIABLE];
  throw new InputError(
    asked
      ? `PyTorch cannot be used. ${reasons[0]}`
      : `No Python with PyTorch was found. ${reasons.join(' ')}`,
    'Install PyTorch (pip install torch; on Debian: apt-get install python3-torch libopenblas0-pthread), or name the Python that has it: --python <path>, in the editor the setting parlance.python. Or choose another engine.',
  );
}

function candidates(): string[] {
  const asked = process.env[PYTHON_VARIABLE];
  if (asked) return [asked];
  const windows = process.platform === 'win32';
  const inEnvironment = windows ? ['Scripts', 'python.exe'] : ['bin', 'python3'];
  const active = [process.env.VIRTUAL_ENV, process.env.CONDA_PREFIX]
    .filter((folder) => folder !== undefined && folder !== '')
    .map((folder) =>
      join(`${folder}`, ...(windows && folder === process.env.CONDA_PREFIX ? ['python.exe'] : inEnvironment)),
    );
  return [...active, ...(windows ? ['python'] : ['python3', '/usr/bin/python3'])];
}

function requirePrecision(precision: Precision, { kind, device, bfloat16, version }: Hello): void {
  if (precision === 'tf32' && kind !== 'cuda') {
    throw new InputError(
      `PyTorch computes on ${device} (${kind}) here, which has no TF32.`,
      'TF32 is of NVIDIA’s processors from Ampere on. Choose the engine pytorch.',
    );
  }
  if (precision === 'bfloat16' && !bfloat16) {
    throw new InputError(`PyTorch ${version} has no bfloat16 on ${device}.`, 'Choose the engine pytorch.');
  }
}
