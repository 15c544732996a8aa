/** Words of the Perplexity panel on clusters, and of panels without content. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nothingYet } from '../../../webview/nothing-yet.ts';
import { WEIGHTS_IN_WORDS, weightInWords } from '../../../webview/perplexity/held-out.ts';

test('the weight of a cluster is told as what it is, not as how often its text was shown', () => {
  assert.equal(weightInWords(3.456), 'weight 3.5');
  assert.equal(weightInWords(undefined), 'weight 0');
  assert.match(WEIGHTS_IN_WORDS, /before importance sampling smooths and caps it\.$/);
});

test('an empty panel does not deny what earlier runs with other settings did', () => {
  assert.equal(nothingYet('trained', { otherRuns: 0 }), 'Nothing has been trained yet.');
  assert.equal(
    nothingYet('trained', { otherRuns: 3 }),
    'Nothing has been trained with the settings and the text as they are now.',
  );
});
