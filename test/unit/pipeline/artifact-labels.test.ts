import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ArtifactLabels } from '../../../src/pipeline/artifact-labels.ts';
import { NO_COST } from '../../../src/pipeline/cost.ts';
import { ArtifactStore } from '../../../src/pipeline/store.ts';
import { makeFolder } from '../corpus/temporary-corpus.ts';

const digits = (digit: string) => digit.repeat(64);

async function publish(store: ArtifactStore, digit: string, kind: string, label: string): Promise<void> {
  const fingerprint = digits(digit);
  const from = store.workFolder(fingerprint);
  await writeFile(join(from, 'content.txt'), label).catch(() => undefined);
  const description = { fingerprint, kind, label, subject: label, version: 1, parameters: {}, inputs: {} };
  await store.publish(from, { ...description, booking: 'generic', cost: NO_COST, upstream: {} });
}

async function madeStore(t: TestContext): Promise<ArtifactStore> {
  const root = await makeFolder(t, {
    [`work/${digits('a')}/content.txt`]: 'a',
    [`work/${digits('b')}/content.txt`]: 'b',
    [`work/${digits('c')}/content.txt`]: 'c',
  });
  return new ArtifactStore(root);
}

async function fingerprints(labels: ArtifactLabels, kind: string, label?: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { fingerprint } of labels.newest(kind, label)) found.push(fingerprint[0]);
  return found;
}

test('artifacts are found by kind and label, the newest first, also those made since', async (t) => {
  const store = await madeStore(t);
  const labels = new ArtifactLabels(store);
  assert.deepEqual(await fingerprints(labels, 'tokens'), []);
  await publish(store, 'a', 'tokens', 'tokens of one');
  await new Promise((done) => setTimeout(done, 5));
  await publish(store, 'b', 'tokens', 'tokens of two');
  await publish(store, 'c', 'corpus', 'tokens of one');
  assert.deepEqual(await fingerprints(labels, 'tokens'), ['b', 'a']);
  assert.deepEqual(await fingerprints(labels, 'tokens', 'tokens of one'), ['a']);
});

test('of an artifact that was described once nothing is read again but when it is asked for', async (t) => {
  const store = await madeStore(t);
  await publish(store, 'a', 'tokens', 'tokens of one');
  await publish(store, 'c', 'corpus', 'corpus one');
  const labels = new ArtifactLabels(store);
  assert.deepEqual(await fingerprints(labels, 'corpus'), ['c']);
  await writeFile(join(store.artifactFolder(digits('a')), 'artifact.json'), '{');
  assert.deepEqual(await fingerprints(labels, 'corpus'), ['c']);
  // It is still known by its description; as it is damaged, it is passed over.
  assert.deepEqual(await fingerprints(labels, 'tokens'), []);
  assert.ok((await readdir(join(store.storage, 'artifacts'))).includes(digits('a')));
});

test('what was removed is no longer found', async (t) => {
  const store = await madeStore(t);
  await publish(store, 'a', 'tokens', 'tokens of one');
  const labels = new ArtifactLabels(store);
  assert.deepEqual(await fingerprints(labels, 'tokens'), ['a']);
  await rm(store.artifactFolder(digits('a')), { recursive: true });
  assert.deepEqual(await fingerprints(labels, 'tokens'), []);
});
