/** The selection by n-grams never waits for anything, and is stopped all the same. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ngramSelection } from '../../../src/methods/slm-dsir.ts';
import { NgramHasher } from '../../../src/selection/sampling/hashed-ngrams.ts';
import { trainDocuments } from '../corpus/made-documents.ts';
import { stage } from '../pipeline/fixtures.ts';
import { runOn, servicesWith, textFolders } from './made-inputs.ts';

const CONTEXT = 16;
/** Windows that are read before signals have their turn. */
const BATCH = 512;
const text = Array.from({ length: 1500 }, (_, i) => `word${i}`).join(' ');
const windows = Math.ceil((text.length + 1) / CONTEXT);

/** How many texts are looked at after text number `last`, while which the user says stop. */
async function lookedAtAfter(t: TestContext, last: number): Promise<number> {
  const { tokens, tokenizer } = await textFolders(t, trainDocuments([text]));
  const controller = new AbortController();
  const { buckets } = NgramHasher.prototype;
  let looked = 0;
  t.mock.method(NgramHasher.prototype, 'buckets', function (this: NgramHasher, one: string) {
    if (++looked === last) setImmediate(() => controller.abort());
    return buckets.call(this, one);
  });
  const selection = ngramSelection.stage(
    {
      label: 'selection',
      subject: 'selection',
      booking: 'specialization',
      parameters: {
        context: CONTEXT,
        domainTokens: 'all',
        wantedTokens: 2 * text.length,
        shortestShare: 0,
        seed: 1,
      },
      places: null,
      inputs: { tokenizer: stage('tokenizer'), tokens: stage('generic'), domain: stage('domain') },
    },
    servicesWith(),
  );
  const inputs = { tokenizer, tokens, domain: tokens };
  await assert.rejects(runOn(t, selection, inputs, controller.signal), /Stopped/);
  return looked - last;
}

for (const [pass, what] of ['the domain', 'generic text', 'what is weighed', 'what was selected'].entries()) {
  test(`a selection that is stopped while ${what} is read ends after a batch of windows`, async (t) => {
    assert.equal(await lookedAtAfter(t, pass * windows + 1), BATCH - 1);
  });
}
