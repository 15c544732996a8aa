/**
 * Every program of every method on WebGPU and on the CPU. Prints, as JSON, how far the two are apart and where every
 * kernel ran.
 */
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { compareEngines, programNames } from '../../support/method-programs.ts';

/** A software device needs a millisecond for each of a step's thousand kernels. */
const STEPS = 3;

const gpu = new OnnxRuntimeEngine({ threads: 1, provider: 'webgpu' });
const cpu = new OnnxRuntimeEngine({ threads: 1 });
const report: Record<string, object> = {};
for (const name of programNames) {
  const began = performance.now();
  const { times, ...comparison } = await compareEngines(name, gpu, cpu, STEPS);
  report[name] = {
    ...comparison,
    kernels: times.reduce((sum, { calls }) => sum + calls, 0),
    elsewhere: times
      .filter(({ provider }) => provider !== 'WebGpuExecutionProvider')
      .map(({ operation, provider, calls }) => `${operation} on ${provider}, ${calls} calls`),
    seconds: (performance.now() - began) / 1000,
  };
}
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);
