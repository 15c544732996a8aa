/** The held-out perplexity of the comparison, on windows side by side as the peer has them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldoutPerplexity } from '../../../bench/training/our-curve.ts';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { initialWeights } from '../../../src/models/parameterization.ts';
import { EMBEDDING } from '../../../src/models/size.ts';

const size = { layers: 1, width: 16, heads: 2, feedForward: 24, context: 4, vocabulary: 11 };
const bench = { name: 'B', size, rows: 2, target: 1 } as const;

test('a model that knows nothing has the perplexity of its vocabulary', async () => {
  const engine = new OnnxRuntimeEngine({ threads: 1 });
  const weights = initialWeights(size, 1);
  weights[EMBEDDING].data.fill(0);
  const tokens = Uint16Array.from({ length: 2 * 4 * 3 + 1 }, (_, i) => i % size.vocabulary);
  const perplexity = await heldoutPerplexity(engine, bench, weights, tokens);
  assert.ok(Math.abs(perplexity - size.vocabulary) < 1e-4, `${perplexity}`);
  await engine.dispose();
});

test('tokens that are not whole batches are refused, so that no target is left out unseen', async () => {
  const engine = new OnnxRuntimeEngine({ threads: 1 });
  await assert.rejects(
    heldoutPerplexity(engine, bench, initialWeights(size, 1), new Uint16Array(24)),
    RangeError,
  );
  await engine.dispose();
});
