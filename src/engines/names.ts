/** The engines by the names that settings, artifacts and reports use, and how one is started. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InputError } from '../common/errors.ts';
import type { Engine } from './engine.ts';
import type { Provider } from './onnxruntime/engine.ts';
import type { Precision } from './pytorch/process.ts';

export const ENGINE_NAMES = [
  'onnxruntime:cpu',
  'onnxruntime:webgpu',
  'onnxruntime:cuda',
  'tensorflow',
  'pytorch',
  'pytorch:tf32',
  'pytorch:bfloat16',
] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** What a user asks for: one engine, or the fastest that works. */
export type EngineRequest = EngineName | 'auto';
export const ENGINE_REQUESTS: readonly EngineRequest[] = ['auto', ...ENGINE_NAMES];

/** Throws InputError for a name that is not in the list. */
export function parseEngineRequest(name: string): EngineRequest {
  const known = ENGINE_REQUESTS.find((one) => one === name);
  if (known !== undefined) return known;
  throw new InputError(
    `There is no engine "${name}".`,
    `Choose one of: ${ENGINE_REQUESTS.join(', ')} (--engine; in the editor: the setting parlance.engine).`,
  );
}

/** An engine that can be started: once, by whoever first asks for it. */
export class LoadedEngine {
  readonly #start: () => Engine;
  #started: Engine | undefined;

  /** `started`: where loading it has started it already. */
  constructor(start: () => Engine, started?: Engine) {
    this.#start = start;
    this.#started = started;
  }

  get started(): Engine | undefined {
    return this.#started;
  }

  engine(): Engine {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Also ends what only loading it has started. */
  async dispose(): Promise<void> {
    await this.#started?.dispose();
  }
}

/**
 * Loads what an engine needs. Throws InputError, with what to do, where it is not
 * installed. PyTorch runs in a process of its own, which is started here; elsewhere a graphics processor is first looked
 * for when a program is compiled.
 */
export async function loadEngine(name: EngineName, threads: number): Promise<LoadedEngine> {
  if (name === 'tensorflow') {
    const [{ loadTensorFlow }, { TensorFlowEngine }, { tensorFlowFolder }] = await Promise.all([
      import('./tensorflow/load.ts'),
      import('./tensorflow/engine.ts'),
      import('./tensorflow/folder.ts'),
    ]);
    const loaded = await loadTensorFlow({ folder: await tensorFlowFolder() });
    return new LoadedEngine(() => new TensorFlowEngine(loaded));
  }
  const precision = PRECISIONS[name];
  if (precision !== undefined) {
    const { startPyTorch } = await import('./pytorch/start.ts');
    const engine = await startPyTorch(threads, precision);
    return new LoadedEngine(() => engine, engine);
  }
  const missing = name === 'onnxruntime:cuda' ? cudaMissing() : undefined;
  if (missing !== undefined) throw missing;
  const { OnnxRuntimeEngine } = await import('./onnxruntime/engine.ts');
  const provider = PROVIDERS[name];
  return new LoadedEngine(() => new OnnxRuntimeEngine({ threads, provider }));
}

const PRECISIONS: Partial<Record<EngineName, Precision>> = {
  pytorch: 'float32',
  'pytorch:tf32': 'tf32',
  'pytorch:bfloat16': 'bfloat16',
};

const PROVIDERS: Partial<Record<EngineName, Provider>> = {
  'onnxruntime:cpu': 'cpu',
  'onnxruntime:webgpu': 'webgpu',
  'onnxruntime:cuda': 'cuda',
};

/** Why CUDA cannot be used; its libraries of hundreds of megabytes are not in ONNX Runtime's package. */
export function cudaMissing(): InputError | undefined {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== 'linux-x64') {
    return new InputError(
      `ONNX Runtime for Node.js has no CUDA on ${platform}, only on linux-x64.`,
      'Choose onnxruntime:webgpu, which uses the same graphics processor.',
    );
  }
  const folder = onnxRuntimeLibraries();
  if (existsSync(join(folder, CUDA_LIBRARY))) return undefined;
  return new InputError(
    `ONNX Runtime's CUDA library is not installed: there is no ${CUDA_LIBRARY} in ${folder}.`,
    `With CUDA 12 and cuDNN 9 on this machine, run: ${CUDA_INSTALL}. Or choose onnxruntime:webgpu.`,
  );
}

const CUDA_LIBRARY = 'libonnxruntime_providers_cuda.so';
const CUDA_INSTALL = 'node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12';

/** The folder of ONNX Runtime's native libraries for this platform. */
function onnxRuntimeLibraries(): string {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
}
