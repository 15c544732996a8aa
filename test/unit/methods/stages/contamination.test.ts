/** The check against the generic corpus needs the corpora alone, and refuses before training what could not be measured. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CorruptionError, InputError } from '../../../../src/common/errors.ts';
import { indexCorpus } from '../../../../src/corpus/documents/indexing.ts';
import type { CorpusSpecification } from '../../../../src/corpus/sources/specification.ts';
import {
  contaminationStage,
  readContamination,
  requireMeasurable,
} from '../../../../src/methods/stages/contamination.ts';
import { runStage } from '../../../../src/pipeline/runner.ts';
import type { Stage } from '../../../../src/pipeline/stage.ts';
import { ArtifactStore } from '../../../../src/pipeline/store.ts';
import { prose } from '../../corpus/made-text.ts';
import { makeFolder } from '../../corpus/temporary-corpus.ts';
import { servicesWith } from '../made-inputs.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const texts = (prefix: string, from: number) =>
  Object.fromEntries(range(30).map((i) => [`${prefix}/${i}.txt`, prose(from + i, 120)]));

function corpus(name: string, role: CorpusSpecification['role'], path: string): Stage {
  const specification = { name, role, sources: [{ path }], split: { validation: 0.2, heldout: 0.2 } };
  return {
    kind: 'corpus',
    label: `corpus ${name}`,
    subject: name,
    version: 1,
    parameters: { path },
    places: null,
    inputs: {},
    booking: 'generic',
    run: async ({ directory, signal }) => {
      await indexCorpus(specification, { directory, signal });
    },
  };
}

test('a generic source that contains the domain is refused before any training, one that does not is not', async (t) => {
  const folder = await makeFolder(t, { ...texts('all/books', 500), ...texts('all/notes', 0) });
  const store = new ArtifactStore(await makeFolder(t, {}));
  const look = async (generic: string) => {
    const stage = contaminationStage(
      corpus('notes', 'domain', join(folder, 'all', 'notes')),
      corpus('generic', 'generic', join(folder, generic)),
      servicesWith(),
    );
    const { signal } = new AbortController();
    const { directory } = await runStage(stage, { store, signal, onEvent: () => undefined });
    return { directory, found: await readContamination(directory) };
  };
  const within = await look('all');
  const { heldout, validation } = within.found;
  assert.ok(heldout.documents > 0 && heldout.whole.length === heldout.documents);
  assert.equal(validation.whole.length, validation.documents);
  assert.throws(
    () => requireMeasurable('notes', within.found),
    (error) => {
      assert.ok(error instanceof InputError);
      assert.match(
        error.message,
        /^All \d+ held-out documents of notes also stand in the generic corpus \(\d+\.txt in /,
      );
      assert.match(error.hint, /exclude/);
      return true;
    },
  );
  const apart = await look('all/books');
  assert.equal(apart.found.heldout.whole.length, 0);
  requireMeasurable('notes', apart.found);

  await writeFile(join(apart.directory, 'contamination.json'), '{}');
  await assert.rejects(readContamination(apart.directory), CorruptionError);
});
