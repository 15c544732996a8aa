/**
 * Finds a Python that has PyTorch, which Parlance never installs, and starts one process for each device of this machine.
 * `PARLANCE_PYTHON` names one (`--python` and the setting parlance.python set it); else the active environment is looked at,
 * then what the shell would find, then the system's own, whose packages other Pythons do not see.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
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
  if (hello.devices === 1) return new PyTorchEngine([first], { threads, precision });
  await first.end();
  return startShares({ python, threads, precision }, hello.devices);
}

/** An engine of one process a device; they compute a step together. */
export async function startShares(
  options: { readonly python: string; readonly threads: number; readonly precision: Precision },
  count: number,
): Promise<PyTorchEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-devices-'));
  const forget = () => rm(folder, { recursive: true, force: true });
  const rendezvous = join(folder, 'rendezvous');
  const ranks = Array.from({ length: count }, (_, rank) => rank);
  const failed = new AbortController();
  const start = (rank: number) =>
    PythonProcess.start({ ...options, share: { rank, count, rendezvous }, signal: failed.signal });
  try {
    return new PyTorchEngine(await Promise.all(ranks.map(start)), { ...options, onDispose: forget });
  } catch (error) {
    // The others wait for the one that did not start.
    failed.abort();
    await forget();
    throw error;
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
  const found = pythons.length === 0 ? 'there is no python3.' : reasons.join(' ');
  throw new InputError(
    `No Python with PyTorch was found: ${found}`,
    'Install PyTorch for Python 3.9 or later (pip install torch; on Debian: apt-get install python3-torch libopenblas0-pthread), or name the Python that has it: --python <path>, in the editor the setting parlance.python. Or choose another engine.',
  );
}

/** Absolute paths only: what lies in the current folder came with somebody's text. */
function candidates(): string[] {
  const asked = process.env[PYTHON_VARIABLE];
  if (asked) return [asked];
  const { VIRTUAL_ENV, CONDA_PREFIX, PATH = '' } = process.env;
  const windows = process.platform === 'win32';
  const inFolder = (folder: string | undefined, ...path: string[]) => (folder ? [join(folder, ...path)] : []);
  const places = [
    ...inFolder(VIRTUAL_ENV, ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python3'])),
    ...inFolder(CONDA_PREFIX, ...(windows ? ['python.exe'] : ['bin', 'python3'])),
    ...PATH.split(delimiter)
      .filter(isAbsolute)
      .map((folder) => join(folder, windows ? 'python.exe' : 'python3')),
    ...(windows ? [] : [SYSTEM_PYTHON]),
  ];
  return [...new Set(places)].filter((path) => existsSync(path) && !isInstaller(path));
}

const SYSTEM_PYTHON = '/usr/bin/python3';

/** On macOS it opens a window that offers to install Apple's tools, and those have no PyTorch. */
const isInstaller = (path: string): boolean => process.platform === 'darwin' && path === SYSTEM_PYTHON;

function requirePrecision(precision: Precision, { kind, device, bfloat16, tf32, version }: Hello): void {
  if (precision === 'tf32' && !tf32) {
    throw new InputError(
      `PyTorch computes on ${device} (${kind}) here, which has no TF32.`,
      'TF32 is of NVIDIA’s processors from Ampere on. Choose the engine pytorch.',
    );
  }
  if (precision === 'bfloat16' && !bfloat16) {
    throw new InputError(`PyTorch ${version} has no bfloat16 on ${device}.`, 'Choose the engine pytorch.');
  }
}
