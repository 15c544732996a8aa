/** Parameters and floating-point operations, worked out by hand and counted in the graph that runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSize } from '../../../src/common/model-size.ts';
import { causalAttention, input, mean } from '../../../src/graph/build.ts';
import { differentiate } from '../../../src/graph/differentiate.ts';
import { denseParameterization } from '../../../src/models/parameterization.ts';
import { inferenceFlopsPerToken, parameterCount, trainingFlopsPerToken } from '../../../src/models/size.ts';
import { tokenLosses } from '../../../src/models/transformer.ts';
import { productFlops } from '../../support/product-flops.ts';

const size: ModelSize = { layers: 3, width: 8, heads: 2, feedForward: 20, context: 5, vocabulary: 11 };

test('the parameters are the embedding, four square and three feed-forward matrices a layer, and the norms', () => {
  const embedding = 11 * 8; // 88, also the output head
  const attention = 4 * 8 * 8; // 256
  const feedForward = 3 * 8 * 20; // 480
  const norms = 2 * 8; // 16
  assert.equal(parameterCount(size), embedding + 3 * (attention + feedForward + norms) + 8);
  assert.equal(parameterCount(size), 88 + 3 * 752 + 8);
});

test('predicting a token costs two operations a weight, and attention to half of the context', () => {
  const matrices = 2 * (3 * (256 + 480) + 88); // 4,592
  // Scores and mixing take 2 x 8 operations for each position seen; a token sees (1 + 2 + 3 + 4 + 5) / 5 = 3.
  const attention = 3 * (2 * 2 * 8 * 3); // 288
  assert.equal(inferenceFlopsPerToken(size), matrices + attention);
  assert.equal(inferenceFlopsPerToken(size), 4_880);
});

test('training costs three times as much', () => {
  assert.equal(trainingFlopsPerToken(size), 14_640);
});

// Products by weights have two axes, those of attention four.
const batch = { rows: 2, length: size.context };
const tokens = batch.rows * batch.length;
const ids = input('ids', [tokens], 'batch', 'int32');
const targets = input('targets', [tokens], 'batch', 'int32');
const weights = denseParameterization(size);
const loss = mean(tokenLosses(size, weights, { ids, targets, batch }));

/** The formula without attention: what a context of no length would leave. */
const weightFlops = 2 * (3 * (256 + 480) + 88);

test('the products by weights in the forward graph are those that the formula counts', () => {
  assert.equal(productFlops([loss], 2), tokens * weightFlops);
});

test('the products by weights in the training graph are three times as many', () => {
  const gradients = differentiate(
    loss,
    weights.trainable.map(({ tensor }) => tensor),
  );
  assert.equal(productFlops([loss, ...gradients], 2), 3 * tokens * weightFlops);
});

test('attention one row at a time does the work that the formula counts', () => {
  const shape = [batch.rows, size.heads, size.context, size.width / size.heads];
  const [q, k, v] = ['q', 'k', 'v'].map((name) => input(name, shape, 'batch'));
  const output = causalAttention(q, k, v, { scale: 1, blocks: size.context });
  const attention = inferenceFlopsPerToken(size) - weightFlops;
  assert.equal(size.layers * productFlops([output], 4), tokens * attention);
});
