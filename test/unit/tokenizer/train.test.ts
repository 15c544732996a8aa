import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError, InterruptedError } from '../../../src/common/errors.ts';
import { type TrainTokenizerProgress, trainTokenizer } from '../../../src/tokenizer/train.ts';
import { WordCounts } from '../../../src/tokenizer/word-counts.ts';
import { anyText, multilingual } from './texts.ts';

/** Counts every pair afresh for each merge: slow and plain. Words are short, so that none is counted in pieces. */
function trainPlainly(texts: readonly string[], vocabularySize: number): number[][] {
  const expression =
    /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
  let words = texts
    .flatMap((text) => text.match(expression) ?? [])
    .map((word) => Array.from(Buffer.from(word), (byte) => byte + 1));
  const merges: number[][] = [];
  while (257 + merges.length < vocabularySize) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair = `${word[i]} ${word[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const ordered = Array.from(counts, ([pair, count]) => [...pair.split(' ').map(Number), count]);
    ordered.sort((a, b) => b[2] - a[2] || a[0] - b[0] || a[1] - b[1]);
    if (ordered.length === 0 || ordered[0][2] < 2) break;
    const [left, right] = ordered[0];
    const merged = 257 + merges.length;
    merges.push([left, right, merged]);
    words = words.map((word) => {
      const out: number[] = [];
      for (let i = 0; i < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) {
          out.push(merged);
          i++;
        } else {
          out.push(word[i]);
        }
      }
      return out;
    });
  }
  return merges;
}

async function trainedMerges(texts: readonly string[], vocabularySize: number): Promise<number[][]> {
  const { merges } = await trainTokenizer(texts, { vocabularySize });
  return Array.from({ length: merges.length / 3 }, (_, i) => Array.from(merges.subarray(3 * i, 3 * i + 3)));
}

test('merges are those of counting every pair afresh each time', async () => {
  assert.deepEqual(await trainedMerges(multilingual, 500), trainPlainly(multilingual, 500));
  const letters = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 60 }), {
    maxLength: 6,
  });
  const property = fc.asyncProperty(fc.oneof(letters, fc.array(anyText, { maxLength: 4 })), async (texts) => {
    assert.deepEqual(await trainedMerges(texts, 300), trainPlainly(texts, 300));
  });
  await fc.assert(property, { numRuns: 150 });
});

test('the order of the texts does not change the tokenizer, and asynchronous texts give the same', async () => {
  const options = { vocabularySize: 450 };
  const expected = (await trainTokenizer(multilingual, options)).toHuggingFace();
  assert.deepEqual((await trainTokenizer(multilingual.toReversed(), options)).toHuggingFace(), expected);
  async function* later() {
    yield* multilingual;
  }
  assert.deepEqual((await trainTokenizer(later(), options)).toHuggingFace(), expected);
});

test('text without repeated pairs gives the bytes and the special token only', async () => {
  for (const texts of [[], [''], ['abcdef']]) {
    const tokenizer = await trainTokenizer(texts, { vocabularySize: 1000 });
    assert.equal(tokenizer.vocabularySize, 257);
    assert.equal(tokenizer.decode(tokenizer.encode('Ä 👍')), 'Ä 👍');
  }
});

test('an impossible vocabulary size is refused', async () => {
  for (const vocabularySize of [256, 0, 300.5, Number.NaN, 2 ** 21]) {
    await assert.rejects(trainTokenizer(['a'], { vocabularySize }), InputError);
  }
});

test('a stop is obeyed while reading and while merging, and progress is told', async () => {
  const control = new AbortController();
  const seen: TrainTokenizerProgress['phase'][] = [];
  function* endless() {
    for (let i = 0; ; i++) yield `${i} ${multilingual.join(' ')}`;
  }
  const onProgress = ({ phase }: TrainTokenizerProgress) => {
    seen.push(phase);
    if (seen.length === 3) control.abort();
  };
  await assert.rejects(
    trainTokenizer(endless(), { vocabularySize: 300, signal: control.signal, onProgress }),
    InterruptedError,
  );
  assert.deepEqual(seen, ['counting', 'counting', 'counting']);

  const stopMerging = new AbortController();
  const words = Array.from({ length: 60_000 }, (_, i) => `${letters(i * 48271)} ${letters(i * 16807)}`);
  const merging = trainTokenizer([words.join(' ')], {
    vocabularySize: 60_000,
    signal: stopMerging.signal,
    onProgress: ({ phase }) => phase === 'merging' && stopMerging.abort(),
  });
  await assert.rejects(merging, InterruptedError);
  await assert.rejects(trainTokenizer([], { vocabularySize: 300, signal: control.signal }), InterruptedError);
});

/** A word of letters only, another for each number. */
function letters(number: number): string {
  return Array.from(String(number), (digit) => 'abcdefghij'[Number(digit)]).join('');
}

test('rare words are forgotten to save memory; common words keep exact counts', () => {
  const counts = new WordCounts(1000);
  for (let i = 0; i < 50_000; i++) counts.add(`common${i % 3 === 0 ? ` ${letters(i)}` : ''}`);
  assert.ok(counts.size <= 1000);
  assert.ok(counts.forgotten > 10_000);
  const all = Array.from({ length: counts.size }, (_, word) => word);
  const common = all.filter((word) => String.fromCharCode(...counts.units(word)) === 'common');
  assert.deepEqual(
    common.map((word) => counts.count(word)),
    [50_000],
  );
});

test('very long words are counted in pieces that cut no character', () => {
  const counts = new WordCounts();
  counts.add(`!${'👍'.repeat(500)}`);
  for (let i = 0; i < counts.size; i++) {
    assert.ok(counts.units(i).length <= 64);
    assert.doesNotThrow(() => encodeURIComponent(String.fromCharCode(...counts.units(i))));
  }
});
