/** Where trainings stand, in words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trainingNow } from '../../../webview/perplexity/held-out-words.ts';

test('a training says how far it is, in tokens of its stage', () => {
  const points = { step: [1, 20], tokens: [1024, 20_480], flops: [0, 0], seconds: [0, 0], loss: [5, 4] };
  const none = { step: [], tokens: [], flops: [], seconds: [], loss: [] };
  const curve = (kind: 'pretraining' | 'fine-tuning', state: 'training' | 'finished') => ({
    facts: { id: kind, kind, methods: ['slm'], seed: 2, label: '', state, steps: 40 },
    training: points,
    validation: none,
  });
  assert.deepEqual(
    trainingNow([
      curve('pretraining', 'training'),
      curve('fine-tuning', 'training'),
      curve('pretraining', 'finished'),
    ]),
    [
      'slm, seed 2: pretraining, 20k of 41k tokens',
      'slm, seed 2: training on the domain, 20k of at most 41k tokens',
    ],
  );
});
