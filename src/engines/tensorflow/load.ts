/**
 * Finds TensorFlow.js, which Parlance does not bring along: its native library is hundreds of megabytes. The first
 * package that loads is taken, the fastest kind first; what failed is reported with its reason.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../common/errors.ts';
import type { Tf } from './operations.ts';

export interface TensorFlowPackage {
  readonly tf: Tf;
  /** The package and its version. */
  readonly name: string;
  /** `tensorflow` is the native library, with CUDA or without. */
  readonly backend: string;
  /** Whether it computes with CUDA. */
  readonly accelerated: boolean;
}

interface Candidate {
  readonly package: string;
  readonly backend: string;
}

const candidates: readonly Candidate[] = [
  { package: '@tensorflow/tfjs-node-gpu', backend: 'tensorflow' },
  { package: '@tensorflow/tfjs-node', backend: 'tensorflow' },
  { package: '@tensorflow/tfjs-backend-wasm', backend: 'wasm' },
  { package: '@tensorflow/tfjs-backend-cpu', backend: 'cpu' },
];

export interface TensorFlowSearch {
  /** Has a package in its node_modules; where Parlance itself is installed when absent. */
  readonly folder?: string;
  /** Asks for one kind. */
  readonly backend?: string;
}

/** Loads TensorFlow.js. Throws InputError with the reason for each package that could not be loaded. */
export async function loadTensorFlow({ folder, backend }: TensorFlowSearch = {}): Promise<TensorFlowPackage> {
  const require = createRequire(folder === undefined ? import.meta.url : pathToFileURL(join(folder, 'x')));
  const reasons: string[] = [];
  for (const candidate of candidates) {
    if (backend !== undefined && candidate.backend !== backend) continue;
    try {
      return await loadPackage(candidate, require);
    } catch (error) {
      reasons.push(`${candidate.package}: ${firstLine(error)}`);
    }
  }
  throw new InputError(
    `TensorFlow.js was not found${folder === undefined ? '' : ` in ${folder}`}: ${reasons.join('; ')}.`,
    'Add it with "parlance tensorflow" (in the editor: "Parlance: Add TensorFlow.js…"); it needs CUDA 11 and Node.js 22 or older. Or choose another engine.',
  );
}

async function loadPackage(candidate: Candidate, require: NodeJS.Require): Promise<TensorFlowPackage> {
  const { version }: { version: string } = require(`${candidate.package}/package.json`);
  const loaded: unknown = require(candidate.package);
  // The native packages hand out the library that their backend is registered with.
  const tf: Tf = isTensorFlow(loaded) ? loaded : require('@tensorflow/tfjs-core');
  if (!(await tf.setBackend(candidate.backend))) throw new Error('its backend does not start');
  await tf.ready();
  return {
    tf,
    name: `${candidate.package} ${version}`,
    backend: candidate.backend,
    accelerated: usesGraphicsProcessor(tf.backend()),
  };
}

/** The native backend says it of itself; the package for CUDA computes on the processor where it finds no device. */
function usesGraphicsProcessor(backend: object): boolean {
  return 'isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true;
}

function isTensorFlow(loaded: unknown): loaded is Tf {
  return typeof loaded === 'object' && loaded !== null && 'setBackend' in loaded;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
