/** Texts that are continued, with a model that is made to expect what a test wants. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../../src/engines/engine.ts';
import { type CompletionRequest, complete, promptFor } from '../../../src/inference/complete.ts';
import { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';

/** One token a byte. */
const tokenizer = new Tokenizer({
  tokens: [new Uint8Array(0), ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))],
  endOfText: 0,
  merges: new Uint32Array(0),
});
const state: State = {
  names: [],
  read: async () => ({}),
  write: async () => undefined,
  dispose: () => undefined,
};
const request: CompletionRequest = { prompt: 'ab', temperature: 0, seed: 1, mostTokens: 10 };

/** Expects these ids, one after the other, and keeps what it was asked with. */
function expecting(ids: readonly number[]) {
  const asked: number[][] = [];
  const size = { layers: 1, width: 1, heads: 1, feedForward: 1, context: 4, vocabulary: 257 };
  const logits = async (_: State, before: readonly number[]) => {
    const expected = ids[asked.length % ids.length];
    asked.push([...before]);
    return Float32Array.from({ length: size.vocabulary }, (_, id) => (id === expected ? 1 : 0));
  };
  return { asked, model: { next: { size, logits }, state, tokenizer } };
}

async function written(model: ReturnType<typeof expecting>['model'], asked = request) {
  const pieces: string[] = [];
  const stream = complete(model, asked);
  for (;;) {
    const piece = await stream.next();
    if (piece.done) return { pieces, ending: piece.value };
    pieces.push(piece.value);
  }
}

test('a text begins after an end of text, and each token is drawn after all before it', async () => {
  const [a, b, c] = tokenizer.encode('abc');
  const { asked, model } = expecting([c, a]);
  const { pieces, ending } = await written(model, { ...request, mostTokens: 3 });
  assert.deepEqual(pieces, ['c', 'a', 'c']);
  assert.equal(ending, 'most tokens');
  const { endOfText } = tokenizer;
  assert.deepEqual(asked, [
    [endOfText, a, b],
    [endOfText, a, b, c],
    [endOfText, a, b, c, a],
  ]);
});

test('the model may end the text', async () => {
  const [c] = tokenizer.encode('c');
  const { model } = expecting([c, tokenizer.endOfText]);
  assert.deepEqual(await written(model), { pieces: ['c'], ending: 'end of text' });
});

test('a character of several tokens is written when it is whole', async () => {
  const { model } = expecting([...tokenizer.encode('é!')]);
  const { pieces } = await written(model, { ...request, mostTokens: 3 });
  assert.deepEqual(pieces, ['', 'é', '!']);
});

test('equal seeds draw equal texts, others another', async () => {
  const { model } = expecting([1]);
  const drawn = async (seed: number) =>
    (await written(model, { ...request, temperature: 5, seed, mostTokens: 8 })).pieces.join('');
  assert.equal(await drawn(1), await drawn(1));
  assert.notEqual(await drawn(1), await drawn(2));
});

test('what of a text is out of sight is counted, without the end of text before it', () => {
  assert.equal(promptFor('abc', tokenizer, 4).dropped, 0);
  assert.equal(promptFor('abcd', tokenizer, 4).dropped, 0);
  assert.equal(promptFor('abcde', tokenizer, 4).dropped, 1);
});
