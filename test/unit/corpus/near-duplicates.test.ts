import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clusters, findSimilarPairs, findSimilarTo, SketchSet } from '../../../src/corpus/near-duplicates.ts';
import { areSimilar, sketchBins, sketchText } from '../../../src/corpus/sketch.ts';
import { sentences } from './temporary-corpus.ts';

const ignoreProgress = () => {};

function sketchesOf(texts: readonly string[]): Uint16Array {
  const sketches = new Uint16Array(texts.length * sketchBins);
  for (const [i, text] of texts.entries()) {
    sketchText(Buffer.from(text), sketches.subarray(i * sketchBins, (i + 1) * sketchBins));
  }
  return sketches;
}

function similarity(a: string, b: string): number {
  const sketches = sketchesOf([a, b]);
  let equal = 0;
  for (let bin = 0; bin < sketchBins; bin++) equal += Number(sketches[bin] === sketches[sketchBins + bin]);
  return equal / sketchBins;
}

/** The exact Jaccard similarity of sets of five words. */
function jaccard(a: string, b: string): number {
  const shingles = (text: string) => {
    const words = text.split(' ');
    return new Set(words.slice(4).map((_, i) => words.slice(i, i + 5).join(' ')));
  };
  const [one, two] = [shingles(a), shingles(b)];
  const common = [...one].filter((shingle) => two.has(shingle)).length;
  return common / (one.size + two.size - common);
}

test('sketches estimate the Jaccard similarity without bias, in long and in short documents', () => {
  for (const words of [30, 1000]) {
    let error = 0;
    const trials = 200;
    for (let seed = 0; seed < trials; seed++) {
      const text = sentences(seed, words).split(' ');
      const other = text.map((word, i) => (i % 30 === 7 ? `${word}x` : word)).join(' ');
      error += similarity(text.join(' '), other) - jaccard(text.join(' '), other);
    }
    assert.ok(Math.abs(error / trials) < 0.02, `mean error ${error / trials} for ${words} words`);
  }
});

test('case, punctuation and line breaks do not matter; unlike texts share almost nothing', () => {
  assert.equal(similarity('The quick, brown fox jumps over!', 'the quick brown\nFOX jumps — over'), 1);
  assert.ok(similarity(sentences(1, 500), sentences(2, 500)) < 0.1);
  assert.ok(similarity('!!!', '???') < 0.2);
});

test('Chinese text is compared by characters', () => {
  const text = '天地玄黃宇宙洪荒日月盈昃辰宿列張寒來暑往秋收冬藏閏餘成歲律呂調陽雲騰致雨露結為霜';
  assert.ok(similarity(text, `${text}金`) > 0.8);
});

test('all near-duplicate pairs are found once each, and nothing else', async () => {
  const texts: string[] = [];
  for (let i = 0; i < 300; i++) texts.push(sentences(i, 200));
  for (let i = 0; i < 50; i++) texts.push(`${sentences(i, 200)} tail`);
  const rows = Uint32Array.from(texts.keys());
  const pairs = new Map<string, number>();
  const clusters = new Clusters(texts.length);
  await findSimilarPairs(
    new SketchSet(sketchesOf(texts), rows),
    (later, earlier) => {
      pairs.set(`${later}-${earlier}`, (pairs.get(`${later}-${earlier}`) ?? 0) + 1);
      clusters.link(later, earlier);
    },
    ignoreProgress,
  );
  assert.deepEqual(
    new Map(Array.from({ length: 50 }, (_, i) => [`${300 + i}-${i}`, 1])),
    new Map([...pairs].sort((a, b) => Number.parseInt(a[0], 10) - Number.parseInt(b[0], 10))),
  );
  assert.equal(clusters.count(), 50);
});

test('documents near to held-out ones are found however many resemble them', async () => {
  const base = sentences(1, 300);
  const probes = Array.from({ length: 200 }, (_, i) => `${base} ${i}`);
  const targets = Array.from({ length: 100 }, (_, i) => `${i} ${base}`);
  const sketches = sketchesOf([...probes, ...targets, sentences(2, 300)]);
  const all = Uint32Array.from({ length: 301 }, (_, i) => i);
  const found = await findSimilarTo(
    new SketchSet(sketches, Uint32Array.from([...all.subarray(0, 200), 300])),
    new SketchSet(sketches, all.subarray(200, 300)),
    ignoreProgress,
  );
  assert.ok(found.subarray(0, 200).every((match) => match >= 0));
  assert.equal(found[200], -1);
});

test('the threshold counts whole bins: 52 of 64 are needed for 0.8', () => {
  const sketches = new Uint16Array(128);
  sketches.fill(7, 64, 64 + 12);
  assert.equal(areSimilar(sketches, 0, sketches, 1, 0.8), true);
  sketches.fill(7, 64, 64 + 13);
  assert.equal(areSimilar(sketches, 0, sketches, 1, 0.8), false);
});
