import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findContaminated } from '../../../src/corpus/documents.ts';
import { allTexts, indexFolder, makeFolder, sentences } from './temporary-corpus.ts';

test('held-out text of a domain is found in a generic corpus, training text is not', async (t) => {
  const text = (i: number) => sentences(i, 200);
  const domain = await indexFolder(
    t,
    await makeFolder(t, Object.fromEntries([...Array(30).keys()].map((i) => [`${i}.txt`, text(i)]))),
  );
  const lines = [...Array(60).keys()].map((i) =>
    JSON.stringify({ text: i % 2 === 0 ? text(i) : `${text(i)} changed` }),
  );
  const generic = await indexFolder(t, await makeFolder(t, { 'g.jsonl': lines.join('\n') }), {
    role: 'generic',
  });
  const heldout = (await allTexts(domain)).filter(({ record }) => record.split === 'heldout');
  const numbers = (list: readonly number[]) => [...list].sort((a, b) => a - b);
  const expected = numbers(heldout.map(({ record }) => Number.parseInt(record.source, 10)));
  const inDomain = [...(await findContaminated(domain, generic))].map((index) => domain.record(index).source);
  assert.deepEqual(numbers(inDomain.map((source) => Number.parseInt(source, 10))), expected);
});
