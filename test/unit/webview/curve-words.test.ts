import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Curve } from '../../../webview/perplexity/curve-store.ts';
import { captionOf } from '../../../webview/perplexity/curve-words.ts';

const points = (...loss: number[]) => {
  const counts = loss.map((_, index) => index + 1);
  return { step: counts, tokens: counts, flops: counts, seconds: counts, loss };
};
const curve = (...validation: number[]): Curve => ({
  facts: {
    id: 'a',
    kind: 'pretraining',
    label: 'pretrain small',
    methods: ['slm'],
    seed: 1,
    state: 'finished',
  },
  training: points(3, 2),
  validation: points(...validation),
});

test('the caption speaks of validation as drawn only where some is', () => {
  assert.match(captionOf([curve(), curve(2.5)]), /joined dots are validation/);
  assert.match(captionOf([curve()]), /no validation/);
  assert.equal(captionOf([]), '');
});
