/** Models in an engine for an evaluation: what the engine holds is freed, whatever becomes of the work. */
import { join } from 'node:path';
import type { ModelSize } from '../../common/model-size.ts';
import type { Engine, HostTensor, State } from '../../engines/engine.ts';
import { WEIGHTS_FILE } from '../../formats/model-folder.ts';
import { denseParameterization } from '../../models/parameterization.ts';
import { readWeights } from '../../training/checkpoint.ts';
import { Evaluator } from '../../training/evaluate.ts';

/** Work with an evaluator of plain models of a size, in batches of `rows` windows. */
export async function withEvaluator<T>(
  engine: Engine,
  { size, rows }: { readonly size: ModelSize; readonly rows: number },
  work: (evaluator: Evaluator) => Promise<T>,
): Promise<T> {
  const batch = { rows, length: size.context };
  const evaluator = await Evaluator.compile(engine, size, denseParameterization(size), batch);
  try {
    return await work(evaluator);
  } finally {
    await evaluator.dispose();
  }
}

/** Work with the model of an artifact. */
export async function withModel<T>(
  engine: Engine,
  directory: string,
  work: (model: State) => Promise<T>,
): Promise<T> {
  return withWeights(engine, await readWeights(join(directory, WEIGHTS_FILE)), work);
}

/** Work with a model of these weights. */
export async function withWeights<T>(
  engine: Engine,
  weights: Readonly<Record<string, HostTensor>>,
  work: (model: State) => Promise<T>,
): Promise<T> {
  const model = engine.createState(weights);
  try {
    return await work(model);
  } finally {
    model.dispose();
  }
}
