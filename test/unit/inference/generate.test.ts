/** Texts that are continued, with a model that is made to expect what a test wants. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../../src/inference/generate.ts';
import type { GeneratedToken, GenerationRequest } from '../../../src/inference/language-model.ts';
import { byteTokenizer as tokenizer } from '../../support/random-model.ts';
import { expecting, favouring, VOCABULARY } from './made-model.ts';

const request: GenerationRequest = {
  prompt: 'ab',
  temperature: 0,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 1,
  mostTokens: 10,
  stop: [],
  alternatives: 0,
};
const CONTEXT = 8;
const EXPECTED = 5 - Math.log(Math.exp(5) + VOCABULARY - 1);

async function written(
  model: Pick<ReturnType<typeof expecting>, 'cached'>,
  asked: Partial<GenerationRequest> = {},
  ends: readonly number[] = [tokenizer.endOfText],
) {
  const tokens: GeneratedToken[] = [];
  const given = { ...model, tokenizer, context: CONTEXT, ends: new Set(ends) };
  const stream = generate(given, { ...request, ...asked });
  for (;;) {
    const token = await stream.next();
    if (token.done) return { tokens, pieces: tokens.map(({ text }) => text), end: token.value };
    tokens.push(token.value);
  }
}

/** Expects these ids, one after the other and from the beginning again. */
function saying(text: string, promptTokens = 3, ids = [...tokenizer.encode(text)]) {
  return expecting((before) => favouring(ids[(before.length - promptTokens) % ids.length]));
}

test('a text begins after its token, and each token is drawn after all before it', async () => {
  const [a, b, c] = tokenizer.encode('abc');
  const { asked, cached } = saying('ca');
  const { pieces, end } = await written({ cached }, { mostTokens: 3 });
  assert.deepEqual(pieces, ['c', 'a', 'c']);
  assert.deepEqual(end, { ending: 'most tokens', promptTokens: 2, dropped: 0 });
  const { beginOfText } = tokenizer;
  assert.deepEqual(asked, [
    [beginOfText, a, b],
    [beginOfText, a, b, c],
    [beginOfText, a, b, c, a],
  ]);
});

test('the model may end the text, with each of its tokens for that', async () => {
  const [c, d] = tokenizer.encode('cd');
  const { pieces, end } = await written(saying('', 3, [c, tokenizer.endOfText]));
  assert.deepEqual([pieces, end.ending], [['c'], 'end of text']);
  const other = await written(saying('cd'), {}, [tokenizer.endOfText, d]);
  assert.deepEqual([other.pieces, other.end.ending], [['c'], 'end of text']);
});

test('a stop text over two tokens ends the text before it', async () => {
  const { pieces, end } = await written(saying('one.\n\ntwo'), { stop: ['\n\n'], mostTokens: 9 });
  assert.deepEqual([pieces.join(''), end.ending], ['one.', 'stop']);
  assert.equal(pieces.length, 6);
});

test('what was held back for a stop text that does not come is told at the end', async () => {
  const most = await written(saying('ab\n'), { stop: ['\n\n'], mostTokens: 3 });
  assert.deepEqual(most.pieces, ['a', 'b', '\n']);
  const ended = await written(saying('', 3, [...tokenizer.encode('a\n'), tokenizer.endOfText]), {
    stop: ['\n\n'],
  });
  assert.deepEqual([ended.pieces, ended.end.ending], [['a', '', '\n'], 'end of text']);
});

test('log-probabilities and alternatives are the model’s, whatever is drawn', async () => {
  const { tokens } = await written(saying('c'), { mostTokens: 1, alternatives: 2, repetitionPenalty: 3 });
  const [token] = tokens;
  assert.ok(Math.abs(token.logProbability - EXPECTED) < 1e-5);
  assert.deepEqual(
    token.alternatives.map(({ text }) => text),
    ['c', '<|endoftext|>'],
  );
  assert.ok(Math.abs(token.alternatives[1].logProbability - (EXPECTED - 5)) < 1e-5);
});

test('rows that no token has are never drawn, and count among the probabilities', async () => {
  const { tokens } = await written(
    expecting(() => favouring(258)),
    { mostTokens: 1 },
    [],
  );
  assert.equal(tokens[0].id, 0);
  assert.ok(Math.abs(tokens[0].logProbability - (EXPECTED - 5)) < 1e-5);
});

test('the penalty is for tokens of the prompt and of what was written, not for the begin of text', async () => {
  const [a, b, c, d] = tokenizer.encode('abcd');
  const ranks = new Map([
    [a, 4],
    [b, 4],
    [c, 3],
    [d, 2],
    [tokenizer.beginOfText, 1.9],
  ]);
  const logits = Float32Array.from({ length: VOCABULARY }, (_, id) => ranks.get(id) ?? 0);
  const asked = { repetitionPenalty: 2.5, mostTokens: 3 };
  const { pieces, end } = await written(
    expecting(() => logits),
    asked,
  );
  assert.deepEqual(pieces, ['c', 'd']);
  assert.equal(end.ending, 'end of text');
});

test('equal seeds draw equal texts, others another', async () => {
  const drawn = async (seed: number) =>
    (await written(saying('c'), { temperature: 5, seed, mostTokens: 12 }, [])).pieces.join('');
  assert.equal(await drawn(1), await drawn(1));
  assert.notEqual(await drawn(1), await drawn(2));
});

test('of a longer text than the context the first tokens are dropped, half a context at a time', async () => {
  const { asked, cached } = saying('c');
  const { end } = await written({ cached }, { prompt: '0123456', mostTokens: 6 });
  assert.equal(end.dropped, 0);
  assert.deepEqual(
    asked.map(({ length }) => length),
    [8, 5, 6, 7, 8, 5],
  );
  const longer = await written(saying('c'), { prompt: '01234567', mostTokens: 1 });
  // Four of nine tokens, the first of them the begin of text.
  assert.deepEqual(longer.end, { ending: 'most tokens', promptTokens: 8, dropped: 3 });
});

test('it stops between two tokens', async () => {
  const stop = new AbortController();
  const model = { ...saying('c'), tokenizer, context: CONTEXT, ends: new Set<number>() };
  const stream = generate(model, request, stop.signal);
  await stream.next();
  stop.abort();
  await assert.rejects(stream.next(), { name: 'InterruptedError' });
});
