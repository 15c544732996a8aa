/** Logits of the next token against PyTorch's, and what a text before it changes. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { NextToken } from '../../../src/inference/next-token.ts';
import { assertClose } from '../../support/compare.ts';
import { llamaReference } from '../../support/llama-reference.ts';

const { size, tokens, logits, weights } = llamaReference;
const engine = new OnnxRuntimeEngine({ threads: 1 });
after(() => engine.dispose());
const next = await NextToken.compile(engine, size);
const model = engine.createState(
  Object.fromEntries(
    Object.entries(weights).map(([name, { shape, values }]) => [
      name,
      { shape, data: Float32Array.from(values) },
    ]),
  ),
);

test('after every beginning of every row the logits are those of PyTorch', async () => {
  for (const [row, ids] of tokens.entries()) {
    for (let length = 1; length <= ids.length; length++) {
      const at = (row * size.context + length - 1) * size.vocabulary;
      const expected = logits.values.slice(at, at + size.vocabulary);
      assertClose(await next.logits(model, ids.slice(0, length)), expected, 1e-4, `row ${row}, ${length}`);
    }
  }
});

test('of a text longer than the context only the last tokens count', async () => {
  const [ids, other] = tokens;
  assert.deepEqual(await next.logits(model, [...other, ...ids]), await next.logits(model, ids));
  assert.notDeepEqual(await next.logits(model, other), await next.logits(model, ids));
});

test('without any token there is nothing to go on from', async () => {
  await assert.rejects(next.logits(model, []), RangeError);
});
