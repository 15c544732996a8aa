/** Words as near-duplicates and quotes compare them, in all scripts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { areNearCopies } from '../../../../src/corpus/similarity/near-duplicates.ts';
import { sketchText } from '../../../../src/corpus/similarity/sketch.ts';
import { forEachRun, forEachWord, runsOf } from '../../../../src/corpus/similarity/word-runs.ts';
import { seeded } from '../made-text.ts';

const wordsOf = (text: string): number[] => {
  const words: number[] = [];
  forEachWord(Buffer.from(text), (hash) => words.push(hash));
  return words;
};

test('case, accents, their encoding, punctuation and line ends do not count', () => {
  const same = [
    'Le cœur déçu, ÊTRE naïf: Ærøskøbing ΛΌΓΟΣ ЁЖИК 12_a',
    'le cœur déçu — être naïf?\nærøskøbing λόγος ёжик 12_A',
  ];
  assert.deepEqual(wordsOf(same[0]), wordsOf(same[1]));
  assert.deepEqual(wordsOf(same[0].normalize('NFD')), wordsOf(same[0].normalize('NFC')));
  assert.deepEqual(
    wordsOf('\uFEFFSilben\u00ADtren\u00ADnung im Wort\u2060satz'),
    wordsOf('Silbentrennung im Wortsatz'),
  );
  assert.notDeepEqual(wordsOf('one two'), wordsOf('two one'));
  assert.deepEqual(wordsOf(' …!? '), []);
});

test('the words of a text are its words, whatever stands before it', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 })), (parts) => {
      const text = parts.join(' ');
      assert.deepEqual(wordsOf(`${text} `), wordsOf(text));
      assert.deepEqual(wordsOf(`before ${text}`).slice(1), wordsOf(text));
      let runs = 0;
      const words = forEachRun(Buffer.from(text), () => runs++);
      assert.equal(runs, runsOf(words));
    }),
  );
});

/** First and last code points of the letters of scripts that are written without spaces between words. */
const scripts: Readonly<Record<string, readonly [number, number]>> = {
  Thai: [0x0e01, 0x0e3a],
  Lao: [0x0e94, 0x0ea3],
  Myanmar: [0x1000, 0x102a],
  Khmer: [0x1780, 0x17b3],
  'New Tai Lue': [0x1980, 0x19ab],
  'Tai Le': [0x1950, 0x196d],
  'Tai Tham': [0x1a20, 0x1a54],
  'Tai Viet': [0xaa80, 0xaaaf],
  Ahom: [0x11700, 0x1171a],
  Javanese: [0xa984, 0xa9b2],
  Balinese: [0x1b05, 0x1b33],
  Buginese: [0x1a00, 0x1a16],
  Batak: [0x1bc0, 0x1be5],
  Cham: [0xaa00, 0xaa28],
  Hiragana: [0x3042, 0x3093],
  Katakana: [0x30a2, 0x30f3],
  Han: [0x4e00, 0x9fa5],
  'Han, extension B': [0x20000, 0x2a6d6],
  'Han, extension G': [0x30000, 0x3134a],
  Hangul: [0xac00, 0xd7a3],
  Yi: [0xa000, 0xa48c],
  Tangut: [0x17000, 0x187f7],
  Nushu: [0x1b170, 0x1b2fb],
  Cuneiform: [0x12000, 0x12399],
  'Egyptian hieroglyphs': [0x13000, 0x1342e],
  'Latin without spaces': [0x61, 0x7a],
};

/** Frequent and rare letters in a row, with a space after some of them, but none in Latin letters. */
function unspaced([first, last]: readonly [number, number], length: number, seed: number): string {
  const random = seeded(seed);
  const count = last - first + 1;
  const points = Array.from({ length }, () => first + Math.min(count - 1, Math.floor(count ** random()) - 1));
  return String.fromCodePoint(
    ...points.flatMap((point, i) => (i % 27 === 26 && first > 0x7f ? [point, 0x20] : [point])),
  );
}

/** One letter of 100 is another. */
function edited(text: string, seed: number): string {
  const random = seeded(seed);
  const letters = [...text];
  return letters
    .map((one) => (random() < 0.01 ? letters[Math.floor(random() * letters.length)] : one))
    .join('');
}

test('revised copies are found in every script written without spaces, inside longer texts too; others are not', () => {
  const none = new Map<number, number>();
  const sketch = (text: string) => sketchText(Buffer.from(text));
  for (const [script, letters] of Object.entries(scripts)) {
    let [found, inside, unlike] = [0, 0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const text = unspaced(letters, 1000, seed);
      const copy = edited(text, 100 + seed);
      const before = unspaced(letters, 3001, 200 + seed);
      const after = unspaced(letters, 3000, 300 + seed);
      found += Number(areNearCopies(sketch(text), sketch(copy), none));
      inside += Number(areNearCopies(sketch(copy), sketch(before + text + after), none));
      unlike += Number(areNearCopies(sketch(text), sketch(before), none));
    }
    assert.deepEqual([found >= 19, inside >= 18, unlike], [true, true, 0], `${script}: ${found}, ${inside}`);
  }
});

test('Tibetan is divided where it marks syllables', () => {
  assert.equal(wordsOf('བོད་ཀྱི་སྐད་ཡིག').length, 4);
});
