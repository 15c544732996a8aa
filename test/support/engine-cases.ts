/** Every operation and its gradient on an engine, against the reference interpreter in float64. */
import fc from 'fast-check';
import type { Engine, HostArray } from '../../src/engines/engine.ts';
import { multiply, reduceSum } from '../../src/graph/build.ts';
import { differentiate } from '../../src/graph/differentiate.ts';
import type { Case } from './cases.ts';
import { assertClose } from './compare.ts';
import { evaluate } from './reference.ts';

/** Runs a case's value and gradients, all inputs fed as batch. */
async function runCase(engine: Engine, { output, differentiable, values }: Case) {
  const outputs = [output, ...differentiate(reduceSum(multiply(output, output)), differentiable)];
  const metrics = Object.fromEntries(outputs.map((tensor, i) => [`${i}`, tensor]));
  const executable = await engine.compile({ name: 'case', updates: {}, metrics });
  const feeds = executable.batchInputs.map(({ name, dtype }): [string, HostArray] => [
    name,
    dtype === 'int32' ? Int32Array.from(values[name]) : Float32Array.from(values[name]),
  ]);
  const state = engine.createState({});
  const results = await executable.step(state, Object.fromEntries(feeds));
  await executable.dispose();
  state.dispose();
  return { outputs, actual: outputs.map((_, i) => results[`${i}`]) };
}

/**
 * Fails when a value or gradient of some random case differs by more than 1e-4, relatively. Where what is added up is large and
 * cancels, it is rounded by what it is made of: a hundred-thousandth of the output's largest value is allowed.
 */
export async function assertCaseAgrees(
  engine: Engine,
  cases: fc.Arbitrary<Case>,
  runs: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, async (example) => {
      const { outputs, actual } = await runCase(engine, example);
      const expected = evaluate(outputs, example.values);
      for (const [i, value] of expected.entries()) {
        const largest = value.reduce((most: number, one: number) => Math.max(most, Math.abs(one)), 0);
        assertClose(actual[i], value, 1e-4, `output ${i}`, Math.max(1, largest / 10));
      }
    }),
    { numRuns: runs },
  );
}
