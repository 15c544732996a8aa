/** Every operation and its gradient on WebGPU and on the CPU; prints the largest relative difference of each as JSON. */
import fc from 'fast-check';
import type { Engine, HostArray } from '../../../src/engines/engine.ts';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { multiply, reduceSum } from '../../../src/graph/build.ts';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { type Case, everyOperation } from '../../support/cases.ts';

const CASES = 4;
const SEED = 7;

const gpu = new OnnxRuntimeEngine({ threads: 1, provider: 'webgpu' });
const cpu = new OnnxRuntimeEngine({ threads: 1 });

async function run(engine: Engine, { output, differentiable, values }: Case): Promise<Float32Array[]> {
  const outputs = [output, ...differentiate(reduceSum(multiply(output, output)), differentiable)];
  const metrics = Object.fromEntries(outputs.map((tensor, i) => [`${i}`, tensor]));
  const executable = await engine.compile({ name: 'case', updates: {}, metrics });
  const feeds = executable.batchInputs.map(({ name, dtype }): [string, HostArray] => [
    name,
    dtype === 'int32' ? Int32Array.from(values[name]) : Float32Array.from(values[name]),
  ]);
  const results = await executable.step(engine.createState({}), Object.fromEntries(feeds));
  await executable.dispose();
  return outputs.map((_, i) => results[`${i}`].slice());
}

/** The largest difference of values, relative to the larger of the expected value and one. */
function difference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const one = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
    worst = Math.max(worst, Number.isNaN(one) ? Number.POSITIVE_INFINITY : one);
  }
  return worst;
}

const report: Record<string, { difference: number; error?: string }> = {};
for (const [name, cases] of everyOperation) {
  report[name] = { difference: 0 };
  for (const example of fc.sample(cases, { numRuns: CASES, seed: SEED })) {
    try {
      const [actual, expected] = [await run(gpu, example), await run(cpu, example)];
      const worst = Math.max(...actual.map((value, i) => difference(value, expected[i])));
      report[name].difference = Math.max(report[name].difference, worst);
    } catch (error) {
      report[name].error = error instanceof Error ? `${error.message} ${error.cause ?? ''}` : String(error);
    }
  }
}
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);
