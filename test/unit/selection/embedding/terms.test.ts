/** Words as features. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../../src/common/random.ts';
import { STOP_WORDS } from '../../../../src/selection/embedding/stop-words.ts';
import { TermTable } from '../../../../src/selection/embedding/term-table.ts';
import { NUMBER_TERM, termsOf, WordReader } from '../../../../src/selection/embedding/terms.ts';

const terms = (text: string) => [...termsOf(text)];

/** The numbers of a text's terms. */
function numbers(table: TermTable, text: string, adding: boolean): number[] {
  const found: number[] = [];
  table.open(text, adding);
  for (let term = table.next(); term >= 0; term = table.next()) found.push(term);
  return found;
}

test('words are lower-cased and stop words and single letters dropped', () => {
  assert.deepEqual(terms('The Cat, a dog & the CAT x.'), ['cat', 'dog', 'cat']);
  assert.deepEqual(terms(''), []);
  assert.deepEqual(terms("don't stop"), ['stop']);
});

test('every number is the same term, also one with letters after it', () => {
  assert.deepEqual(terms('7 apples, 1,234 pears; 3rd route66'), [
    NUMBER_TERM,
    'apples',
    NUMBER_TERM,
    NUMBER_TERM,
    'pears',
    NUMBER_TERM,
    'route66',
  ]);
});

test('letters of other alphabets are letters, their capitals are lower-cased', () => {
  assert.deepEqual(terms('ÉTÉ Москва—ΑΘΗΝΑ naïve 😀 snake_case'), [
    'été',
    'москва',
    'αθηνα',
    'naïve',
    'snake_case',
  ]);
});

test('a word of 64 characters is read, a longer one passed over', () => {
  assert.deepEqual(terms(`${'x'.repeat(64)} ${'y'.repeat(65)} end1`), ['x'.repeat(64), 'end1']);
});

test('words agree with a regular expression on mixed text', () => {
  const random = Random.fromSeed(3, 'text');
  const alphabet = [..."abcXYZ019_ -.,\n'éßЖ中٣"];
  const text = Array.from({ length: 20_000 }, () => alphabet[random.below(alphabet.length)]).join('');
  const expected = (text.match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [])
    .map((word) => (/^\p{Nd}/u.test(word) ? NUMBER_TERM : word.toLowerCase()))
    .filter((word) => word.length >= 2 && word.length <= 64 && !STOP_WORDS.has(word));
  assert.deepEqual(terms(text), expected);
});

test('a hash depends on the characters alone, read or set', () => {
  const [read, set] = [new WordReader(), new WordReader()];
  read.open('  Häuser ');
  assert.ok(read.next());
  set.set('häuser');
  assert.equal(read.hash, set.hash);
});

test('the table numbers terms as a map of strings does, however many they are', () => {
  const random = Random.fromSeed(4, 'words');
  const words = Array.from({ length: 60_000 }, () => `zq${random.below(25_000).toString(36)}`);
  const table = new TermTable();
  const map = new Map<string, number>();
  const expected = words.map((word) => map.get(word) ?? map.set(word, map.size).size - 1);
  assert.deepEqual(numbers(table, words.join(' '), true), expected);
  assert.equal(table.size, map.size);
  for (const [word, number] of map) assert.equal(table.term(number), word);
});

test('a table made of terms finds these and no others', () => {
  const table = new TermTable(['dog', NUMBER_TERM, 'cat']);
  assert.deepEqual(numbers(table, 'A cat and 2 birds: the dog', false), [2, 1, 0]);
  assert.equal(table.size, 3);
});
