/** The corpus stage on real files: what it keeps is what its fingerprint names. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InputError } from '../../../../src/common/errors.ts';
import { corpusFingerprint } from '../../../../src/corpus/sources/fingerprint.ts';
import type { CorpusSpecification } from '../../../../src/corpus/sources/specification.ts';
import { corpusStage } from '../../../../src/methods/stages/corpora.ts';
import { ArtifactStore } from '../../../../src/pipeline/store.ts';
import { labelsText, makeFolder, sentences } from '../../corpus/temporary-corpus.ts';
import { runOn, servicesWith } from '../made-inputs.ts';

const heldOut = (path: string) => ({ path, label: 'held-out' });
const both = labelsText([heldOut('t/3.txt'), heldOut('t/4.txt')]);

/** A corpus of which two files are held out, and its stage by the fingerprint that it has now. */
async function madeCorpus(t: TestContext) {
  const texts = Array.from({ length: 12 }, (_, i) => [`t/${i}.txt`, sentences(i + 1, 100)]);
  const root = await makeFolder(t, { ...Object.fromEntries(texts), '.parlance/labels.json': both });
  const labelsFile = join(root, '.parlance', 'labels.json');
  const specification: CorpusSpecification = {
    name: 'law',
    role: 'domain',
    sources: [{ path: join(root, 't') }],
    labelsFile,
    split: { validation: 0.1, heldout: 0.1 },
  };
  const cacheFile = join(root, 'storage', 'files.json');
  const services = { ...servicesWith(), store: new ArtifactStore(join(root, 'storage')), cacheFile };
  const content = await corpusFingerprint(specification, { cacheFile });
  return { root, labelsFile, stage: corpusStage(specification, content, services) };
}

const changedWhileRead = (error: unknown) =>
  error instanceof InputError && /corpus law changed while it was read/.test(error.message);

test('what did not change since its fingerprint was taken is read', async (t) => {
  const { stage } = await madeCorpus(t);
  await runOn(t, stage, {});
});

test('a label taken off between the fingerprint and the reading ends the stage: nothing is kept under its name', async (t) => {
  const { stage, labelsFile } = await madeCorpus(t);
  await writeFile(labelsFile, labelsText([heldOut('t/4.txt')]));
  await assert.rejects(runOn(t, stage, {}), changedWhileRead);
});

test('so does a file that was changed', async (t) => {
  const { stage, root } = await madeCorpus(t);
  await writeFile(join(root, 't', '5.txt'), sentences(99, 120));
  await assert.rejects(runOn(t, stage, {}), changedWhileRead);
});
