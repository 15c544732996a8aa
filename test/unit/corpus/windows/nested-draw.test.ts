import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { DrawnWindows } from '../../../../src/corpus/windows/nested-draw.ts';
import { selectDocuments, WindowSet } from '../../../../src/corpus/windows/windows.ts';
import { END_OF_TEXT, makeStore, trainDocuments } from '../made-documents.ts';

const CONTEXT = 8;

async function windowsOf(t: TestContext, texts: readonly string[]): Promise<WindowSet> {
  const store = await makeStore(t, trainDocuments(texts));
  return new WindowSet(store, selectDocuments(store, 'train'), CONTEXT);
}

/** What a draw holds: each window as its text, the predicted tokens as characters. */
function contents(drawn: DrawnWindows): string[] {
  return Array.from({ length: drawn.count }, (_, window) => {
    const [inputs, targets] = [new Int32Array(CONTEXT), new Int32Array(CONTEXT)];
    const length = drawn.read(window, inputs, targets, 0);
    assert.equal(length, drawn.length(window));
    assert.deepEqual(inputs.subarray(1, length), targets.subarray(0, length - 1));
    assert.ok(
      targets.subarray(length).every((token) => token === 0),
      'nothing is written past a cut',
    );
    return String.fromCharCode(...targets.subarray(0, length));
  });
}

/** A document whose every window tells its name and its place; the end of text fills the last one. */
const labelled = (name: string, windows: number): string =>
  Array.from({ length: windows }, (_, i) => `${name}${String(i).padStart(3, '0')}....`)
    .join('')
    .slice(0, -1);

/** How many windows of each document, by the letter it is named with. */
function byDocument(drawn: DrawnWindows): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name] of contents(drawn)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const corpus = [...'abcdefghij'].map((name) => labelled(name, 100));

test('a set has exactly as many tokens as asked for, and a smaller one is part of a larger one', async (t) => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom(...'abcdef'), maxLength: 60 }), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(texts, fc.nat(200), fc.nat(200), fc.nat(5), async (made, a, b, seed) => {
      const windows = await windowsOf(t, made);
      const [small, large] = [Math.min(a, b), Math.max(a, b)].map(
        (tokens) => new DrawnWindows(windows, { tokens, seed }),
      );
      assert.equal(small.tokens, Math.min(a, b, windows.tokens));
      assert.equal(contents(small).join('').length, small.tokens);
      const rest = contents(large);
      for (const text of contents(small)) {
        const at = rest.findIndex((other) => other.startsWith(text));
        assert.ok(at >= 0, `${JSON.stringify(text)} is missing from the larger set`);
        rest.splice(at, 1);
      }
    }),
    { numRuns: 50 },
  );
});

test('a small set holds windows of all documents, about equally many of documents of one length', async (t) => {
  const counts = byDocument(new DrawnWindows(await windowsOf(t, corpus), { tokens: 200 * CONTEXT, seed: 1 }));
  assert.equal(Object.keys(counts).length, 10);
  // Hypergeometric: 20 of each on average with a deviation of 3.8; beyond four of these once in ten thousand.
  for (const [name, count] of Object.entries(counts))
    assert.ok(count >= 5 && count <= 35, `${name}: ${count}`);
});

test('a file that is added moves the rank of no other window', async (t) => {
  const small = await windowsOf(t, corpus);
  const added = [...'uvwxyz'].map((name) => labelled(name, 20));
  const more = await windowsOf(t, [...added, ...corpus]);
  for (const tokens of [400, 1600, 4000]) {
    const before = contents(new DrawnWindows(small, { tokens, seed: 3 }));
    const after = contents(new DrawnWindows(more, { tokens, seed: 3 }));
    const old = after.filter((text) => !/^[u-z]/.test(text));
    assert.ok(old.length > 0 && old.length < after.length);
    assert.deepEqual(
      old.filter((text) => !before.some((whole) => whole.startsWith(text))),
      [],
    );
  }
});

test('a set depends neither on the names nor on the order of the files', async (t) => {
  const options = { tokens: 805, seed: 2 };
  const [one, other] = [await windowsOf(t, corpus), await windowsOf(t, [...corpus].reverse())];
  assert.deepEqual(
    contents(new DrawnWindows(one, options)).sort(),
    contents(new DrawnWindows(other, options)).sort(),
  );
});

test('each seed draws its own set, no more like another one than chance has it', async (t) => {
  const windows = await windowsOf(t, corpus);
  const sets = [1, 2, 3, 4].map(
    (seed) => new Set(contents(new DrawnWindows(windows, { tokens: 300 * CONTEXT, seed }))),
  );
  for (const [i, one] of sets.entries()) {
    for (const other of sets.slice(i + 1)) {
      const shared = [...one].filter((text) => other.has(text)).length;
      // 300 of 1000 windows twice: 90 in common on average, with a deviation of 6.7.
      assert.ok(shared > 60 && shared < 120, `${shared} of 300 in common`);
    }
  }
});

test('more than there is gives all of it once, ends of text included', async (t) => {
  const windows = await windowsOf(t, ['abcdefghijkl', 'mno']);
  const all = contents(new DrawnWindows(windows, { tokens: 1000, seed: 9 })).sort();
  const end = String.fromCharCode(END_OF_TEXT);
  assert.deepEqual(all, ['abcdefgh', `ijkl${end}`, `mno${end}`]);
});

test('only training documents are drawn from', async (t) => {
  const store = await makeStore(t, [
    { text: labelled('h', 30), split: 'heldout' },
    { text: labelled('t', 30), split: 'train' },
    { text: labelled('v', 30), split: 'validation' },
  ]);
  const windows = new WindowSet(store, selectDocuments(store, 'train'), CONTEXT);
  const drawn = new DrawnWindows(windows, { tokens: 100, seed: 1 });
  assert.deepEqual(Object.keys(byDocument(drawn)), ['t']);
  assert.equal(drawn.document(0), 1);
  assert.equal(drawn.bytes, undefined);
});
