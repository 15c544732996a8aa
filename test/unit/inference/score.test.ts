/** What each token of a text is predicted from, how surprising it is, and where it stands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Places } from '../../../src/inference/places.ts';
import { score } from '../../../src/inference/score.ts';
import { byteTokenizer as tokenizer } from '../../support/random-model.ts';
import { expecting, favouring, VOCABULARY } from './made-model.ts';

const settings = { tokenizer, vocabulary: VOCABULARY, context: 8, part: 3 };
const EXPECTED = 5 - Math.log(Math.exp(5) + VOCABULARY - 1);

test('each token is predicted from all before it within the context, else from at least half of one', async () => {
  const before: number[][] = [];
  const { cached } = expecting((ids) => {
    before.push([...ids]);
    return favouring(ids.length);
  });
  const text = 'abcdefghijklmnopqrst';
  const { tokens } = await score({ ...settings, cached }, text, { alternatives: 0 });
  assert.equal(tokens.map((token) => token.text).join(''), text);
  const ids = [tokenizer.beginOfText, ...tokenizer.encode(text)];
  for (const [i, seen] of before.entries()) {
    assert.deepEqual(seen, ids.slice(i + 1 - seen.length, i + 1), `token ${i}`);
    assert.ok(seen.length === i + 1 || (seen.length > 4 && seen.length <= 8), `token ${i}: ${seen.length}`);
  }
  assert.equal(before.length, text.length);
});

test('log-probabilities are of the tokens that stand there, with the likeliest others', async () => {
  const [a, b, c] = tokenizer.encode('abc');
  const { cached } = expecting((ids) => favouring(ids.length === 2 ? b : c));
  const { tokens, bytes } = await score({ ...settings, cached }, 'ab', { alternatives: 1 });
  assert.equal(bytes, 2);
  assert.deepEqual(
    tokens.map(({ id }) => id),
    [a, b],
  );
  assert.ok(Math.abs(tokens[0].logProbability - (EXPECTED - 5)) < 1e-5);
  assert.ok(Math.abs(tokens[1].logProbability - EXPECTED) < 1e-5);
  assert.deepEqual(
    tokens.map(({ alternatives: [first] }) => first.text),
    ['c', 'b'],
  );
});

test('an empty text has no tokens', async () => {
  const { cached } = expecting(() => favouring(1));
  assert.deepEqual(await score({ ...settings, cached }, '', { alternatives: 3 }), { tokens: [], bytes: 0 });
});

test('places are UTF-16 units; a character of several tokens belongs to the last', async () => {
  const { cached } = expecting(() => favouring(1));
  const { tokens, bytes } = await score({ ...settings, cached }, 'a😀é', { alternatives: 0 });
  assert.equal(bytes, 7);
  assert.deepEqual(
    tokens.map(({ start, end }) => [start, end]),
    [
      [0, 1],
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 3],
      [3, 3],
      [3, 4],
    ],
  );
});

test('a tokenizer that sets a space before a text or changes characters is followed', () => {
  const bytesOf = ['\u2581', ' Once', ' upon', 'é', ' time'].map((text) => new TextEncoder().encode(text));
  const places = new Places('Once upone\u0301 time', { tokenBytes: (id) => bytesOf[id] });
  const [once, upon, , time] = [1, 2, 3, 4].map((id) => places.next(id));
  assert.deepEqual([once, upon, time.end], [{ start: 0, end: 4 }, { start: 4, end: 9 }, 16]);
});

test('it stops between two passes', async () => {
  const stop = new AbortController();
  const { cached } = expecting(() => {
    stop.abort();
    return favouring(1);
  });
  const options = { alternatives: 0, signal: stop.signal };
  await assert.rejects(score({ ...settings, cached }, 'abcdefgh', options), { name: 'InterruptedError' });
});
