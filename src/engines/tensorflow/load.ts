/**
 * Finds TensorFlow.js, which Parlance does not bring along: its native library is hundreds of megabytes. The first
 * package that loads is taken, the fastest kind first; what failed is told with its reason.
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

/** How each package is put where Parlance finds it. */
export const tensorFlowInstall = 'npm install @tensorflow/tfjs-node-gpu@4.22.0';

/**
 * Loads TensorFlow.js from a folder that has it in its node_modules, or from where Parlance itself is installed;
 * `backend` asks for one kind. Throws InputError with the reason for each package that could not be loaded.
 */
export async function loadTensorFlow(folder?: string, backend?: string): Promise<TensorFlowPackage> {
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
    `TensorFlow.js was not found:\n  ${reasons.join('\n  ')}`,
    `Install it with: ${tensorFlowInstall} (needs CUDA and Node.js 22 or older), or choose another engine.`,
  );
}

async function loadPackage(candidate: Candidate, require: NodeJS.Require): Promise<TensorFlowPackage> {
  const { version }: { version: string } = require(`${candidate.package}/package.json`);
  require(candidate.package);
  const tf: Tf = require('@tensorflow/tfjs-core');
  if (!(await tf.setBackend(candidate.backend))) throw new Error('its backend does not start');
  await tf.ready();
  return { tf, name: `${candidate.package} ${version}`, backend: candidate.backend };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
