import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tokenizer as RustTokenizer } from '@anush008/tokenizers';
import { Tokenizer as PeerTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { InputError } from '../../../src/common/errors.ts';
import { END_OF_TEXT, tokenizerConfigJson } from '../../../src/tokenizer/huggingface.ts';
import { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import { anyCodeUnits, anyText, hostile, multilingual } from './texts.ts';

const texts = [...multilingual, ...hostile];
/** Trained on the hostile texts too, so that merges of runs, spaces and signs exist. */
const tokenizer = await trainTokenizer([...texts, ...texts, ...multilingual, ...multilingual], {
  vocabularySize: 900,
});
const file = tokenizer.toHuggingFace();
const peer = new PeerTokenizer(Object(file), Object(tokenizerConfigJson()));
const rust = RustTokenizer.fromString(JSON.stringify(file));

async function rustIds(text: string): Promise<number[]> {
  return (await rust.encode(text)).getIds();
}

/** The pure JavaScript peer takes seconds for each of the longest runs; one of them is enough. */
const textsForPeer = texts.map((text) =>
  (text.startsWith('aaa') ? text : text.slice(0, 5000)).replace(/[\ud800-\udbff]$/, ''),
);

/** The two characters at which JavaScript's `\s`, which the pure JavaScript peer uses, is not White_Space. */
const withoutPeersOddities = (text: string) => text.replace(/[\u0085\ufeff]/g, ' ');

test('ids equal those of @huggingface/tokenizers on multilingual and hostile text', () => {
  for (const text of textsForPeer.map(withoutPeersOddities)) {
    assert.deepEqual(Array.from(tokenizer.encode(text)), peer.encode(text).ids, text.slice(0, 40));
  }
});

test('ids equal those of @huggingface/tokenizers on any well-formed text', () => {
  const property = fc.property(anyText.map(withoutPeersOddities), (text) =>
    assert.deepEqual(Array.from(tokenizer.encode(text)), peer.encode(text).ids),
  );
  fc.assert(property, { numRuns: 1000 });
});

test("ids equal those of Hugging Face's Rust code, at U+0085 and U+FEFF too", async () => {
  const odd = ['a\u0085b', '!\u0085', ' \u0085x', '\ufeffhello', '\n\ufeff\n', '!\ufeff? \ufeff'];
  for (const text of [...texts, ...odd]) {
    assert.deepEqual(Array.from(tokenizer.encode(text)), await rustIds(text), text.slice(0, 40));
  }
});

test('decoding an encoding gives any well-formed text back', () => {
  for (const text of [...texts, '\ufeffwith a mark'])
    assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    }),
  );
});

test('a lone surrogate is encoded as U+FFFD', () => {
  assert.deepEqual(tokenizer.encode('a\ud800b\udc00'), tokenizer.encode('a\ufffdb\ufffd'));
  fc.assert(
    fc.property(anyCodeUnits, (text) => {
      assert.equal(
        tokenizer.decode(tokenizer.encode(text)),
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)),
      );
    }),
  );
});

test('the special token written in a document is encoded as plain text', async () => {
  const text = `a${END_OF_TEXT}b`;
  const ids = tokenizer.encode(text);
  assert.ok(!ids.includes(tokenizer.endOfText));
  assert.equal(tokenizer.decode(ids), text);
  // Both peers make it the special token; that is why documents are never encoded with them.
  assert.ok(peer.encode(text).ids.includes(tokenizer.endOfText));
  assert.ok((await rustIds(text)).includes(tokenizer.endOfText));
});

test('the special token is decoded as its name, as @huggingface/tokenizers does, and has no bytes', () => {
  const ids = [
    ...tokenizer.encode('Ä'),
    tokenizer.endOfText,
    ...tokenizer.encode('👍').subarray(0, 1),
    tokenizer.endOfText,
  ];
  assert.equal(tokenizer.decode(ids), peer.decode(ids));
  assert.equal(tokenizer.tokenBytes(tokenizer.endOfText).length, 0);
});

test('tokens are as many as the vocabulary size says, and their bytes make up the text', () => {
  assert.equal(tokenizer.vocabularySize, 900);
  const text = 'Съешь 👍 it';
  const bytes = Array.from(tokenizer.encode(text), (id) => tokenizer.tokenBytes(id));
  assert.equal(Buffer.concat(bytes).toString(), text);
  for (const id of [900, -1, 1.5, Number.NaN]) assert.throws(() => tokenizer.decode([id]), InputError);
});

test('encoding several texts gives the ids of each', () => {
  const { ids, lengths } = tokenizer.encodeBatch(multilingual);
  assert.deepEqual(
    Array.from(lengths),
    multilingual.map((text) => tokenizer.encode(text).length),
  );
  assert.deepEqual(
    Array.from(ids),
    multilingual.flatMap((text) => Array.from(tokenizer.encode(text))),
  );
});

test('an encoding stays as it was when more text is encoded, and more words than the cache holds do no harm', async () => {
  const first = tokenizer.encode('the quick brown fox');
  const copy = first.slice();
  const many = Array.from(
    { length: 300_000 },
    (_, i) => ` ${(i * 7919).toString(26).replace(/[0-9]/g, 'z')}x${i}`,
  ).join('');
  const fresh = await Tokenizer.parse({ text: JSON.stringify(file), name: 'copy' });
  assert.equal(tokenizer.decode(tokenizer.encode(many)), many);
  assert.deepEqual(first, copy);
  assert.deepEqual(tokenizer.encode(multilingual.join(' ')), fresh.encode(multilingual.join(' ')));
});

// Were the time to grow with the square of the length, this would take hours: the run of tests ends it.
test('a run of a million letters is encoded', () => {
  for (const run of ['a', 'ab', '我', ' ', '!?', '👍']) {
    const text = run.repeat(1_000_000 / run.length);
    assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
  }
});
