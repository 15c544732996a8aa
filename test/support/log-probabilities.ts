/** How likely a model finds each token of a text after those before it: by the graph that models are trained with. */
import type { ModelSize } from '../../src/common/model-size.ts';
import { OnnxRuntimeEngine } from '../../src/engines/onnxruntime/engine.ts';
import { input } from '../../src/graph/build.ts';
import { denseParameterization } from '../../src/models/parameterization.ts';
import { tokenLosses } from '../../src/models/transformer.ts';
import { readModelWeights } from '../../src/training/model-weights.ts';

/** For each row of ids, all of one length, the log-probabilities in nats of its second to its last id. */
export async function ownLogProbabilities(
  folder: string,
  size: ModelSize,
  rows: readonly (readonly number[])[],
): Promise<readonly (readonly number[])[]> {
  const length = rows[0].length - 1;
  const shape = [rows.length * length];
  const losses = tokenLosses(size, denseParameterization(size), {
    ids: input('ids', shape, 'batch', 'int32'),
    targets: input('targets', shape, 'batch', 'int32'),
    batch: { rows: rows.length, length },
  });
  const engine = new OnnxRuntimeEngine({ threads: 1 });
  try {
    const program = await engine.compile({ name: 'losses', updates: {}, metrics: { losses } });
    const state = engine.createState(await readModelWeights(folder, size));
    const step = await program.step(state, {
      ids: Int32Array.from(rows.flatMap((row) => row.slice(0, -1))),
      targets: Int32Array.from(rows.flatMap((row) => row.slice(1))),
    });
    return rows.map((_, row) =>
      [...step.losses.subarray(row * length, (row + 1) * length)].map((loss) => -loss),
    );
  } finally {
    await engine.dispose();
  }
}

export function perplexityOf(logProbabilities: readonly (readonly number[])[]): number {
  const all = logProbabilities.flat();
  return Math.exp(-all.reduce((sum, one) => sum + one, 0) / all.length);
}
