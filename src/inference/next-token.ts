/**
 * What a model expects next: the logits of the token after a text. The whole context is computed anew for each token,
 * which costs a pass over the context a token; at the sizes that are trained here that is milliseconds.
 */

import type { ModelSize } from '../common/model-size.ts';
import type { Engine, Executable, Program, State } from '../engines/engine.ts';
import { gather, input, matmul } from '../graph/build.ts';
import { denseParameterization } from '../models/parameterization.ts';
import { outputHead } from '../models/size.ts';
import { hiddenStates } from '../models/transformer.ts';

/** Batch inputs `ids` int32[context] and `last` int32[1], the position read; metric `logits` [1, vocabulary]. */
export function nextTokenProgram(size: ModelSize): Program {
  const weights = denseParameterization(size);
  const ids = input('ids', [size.context], 'batch', 'int32');
  const last = input('last', [1], 'batch', 'int32');
  const hidden = hiddenStates(size, weights, ids, { rows: 1, length: size.context });
  const logits = matmul(gather(hidden, last), weights.weight(outputHead(size)), { transposeB: true });
  return { name: 'next token', updates: {}, metrics: { logits } };
}

export class NextToken {
  readonly size: ModelSize;
  readonly #executable: Executable;

  private constructor(size: ModelSize, executable: Executable) {
    this.size = size;
    this.#executable = executable;
  }

  static async compile(engine: Engine, size: ModelSize): Promise<NextToken> {
    return new NextToken(size, await engine.compile(nextTokenProgram(size)));
  }

  /**
   * The logits of each token of the vocabulary after `ids`, of which the last `context` are read.
   * @throws RangeError when there are none.
   */
  async logits(model: State, ids: readonly number[]): Promise<Float32Array> {
    if (ids.length === 0)
      throw new RangeError('There is nothing before the first token, not even an end of text.');
    const seen = ids.slice(-this.size.context);
    // What follows the last token does not reach it: attention is causal.
    const padded = new Int32Array(this.size.context);
    padded.set(seen);
    const step = await this.#executable.step(model, { ids: padded, last: Int32Array.of(seen.length - 1) });
    return step.logits;
  }

  async dispose(): Promise<void> {
    await this.#executable.dispose();
  }
}
