import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Curve } from '../../../webview/perplexity/curve-store.ts';
import { tellingCurves } from '../../../webview/perplexity/telling-curves.ts';

function curve(
  id: string,
  method: string,
  tokens: number,
  state: Curve['facts']['state'] = 'finished',
): Curve {
  const none = { step: [], tokens: [], flops: [], seconds: [], loss: [] };
  const facts = { id, kind: 'fine-tuning' as const, methods: [method], seed: 1, label: id, state };
  return { facts, training: { ...none, tokens: [tokens] }, validation: none };
}

test('of each method the longest curve is shown, of several as long the first', () => {
  const curves = [curve('a', 'slm', 10), curve('b', 'slm', 30), curve('c', 'slm', 30), curve('d', 'llm', 5)];
  assert.deepEqual([...tellingCurves(curves)].sort(), ['b', 'd']);
});

test('a curve that is being trained goes before longer ones', () => {
  const curves = [curve('a', 'slm', 30), curve('b', 'slm', 2, 'training')];
  assert.deepEqual([...tellingCurves(curves)], ['b']);
});
