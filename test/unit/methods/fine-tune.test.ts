/** Training on the domain as a stage; that of real models is in test/integration/cli/methods.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fineTuneStage } from '../../../src/methods/stages/fine-tune.ts';
import { readTrainingRecord } from '../../../src/methods/stages/models.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { type MadeDocument, trainDocuments } from '../corpus/made-documents.ts';
import { inputsOn, madePlan, runOn, textFolders } from './made-inputs.ts';

test('whatever is replayed, validations read the same text, so that shares of replay are compared by it', async (t) => {
  const lines = (word: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${word} ${i} `.repeat(9 + (i % 5)));
  const validation = lines('stop', 300).map((text): MadeDocument => ({ text, split: 'validation' }));
  const { tokens, tokenizer } = await textFolders(t, [...trainDocuments(lines('boat', 60)), ...validation]);
  const generic = (await textFolders(t, trainDocuments(lines('tree', 60)))).tokens;
  const read: (number | undefined)[] = [];
  for (const replay of [0, 0.1, 0.5]) {
    const given = inputsOn(fakeEngine());
    const plan = { ...madePlan, mixing: { ...madePlan.mixing, replay } };
    const request = { kind: 'from scratch', model: 'small', seed: 1, domainTokens: 'all' } as const;
    const folder = await runOn(t, fineTuneStage({ ...given, plan }, request), { tokens, tokenizer, generic });
    const { datasetTokens, stoppingTokens } = await readTrainingRecord(folder);
    // Neither the least that a validation reads nor all that there is.
    assert.ok(datasetTokens > 4096 && datasetTokens < 8192, `${datasetTokens}`);
    read.push(stoppingTokens);
  }
  assert.ok(read[0] !== undefined && read[0] > 4096, `${read}`);
  assert.deepEqual(read, [read[0], read[0], read[0]]);
});
