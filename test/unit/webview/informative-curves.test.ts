import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Curve, CurveStore } from '../../../webview/perplexity/curve-store.ts';
import { informativeCurves } from '../../../webview/perplexity/informative-curves.ts';
import { ShownCurves } from '../../../webview/perplexity/shown-curves.ts';

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
  assert.deepEqual([...informativeCurves(curves)].sort(), ['b', 'd']);
});

test('a curve that is being trained goes before longer ones', () => {
  const curves = [curve('a', 'slm', 30), curve('b', 'slm', 2, 'training')];
  assert.deepEqual([...informativeCurves(curves)], ['b']);
});

test('what is shown stays when another curve of its method begins; another method is shown beside it', () => {
  const first = [curve('a', 'slm', 30, 'training')];
  const shown = informativeCurves(first);
  const later = [...first, curve('b', 'slm', 2, 'training'), curve('c', 'llm', 1, 'training')];
  assert.deepEqual([...informativeCurves(later, shown)].sort(), ['a', 'c']);
  // The stage that it was went on in another one.
  assert.deepEqual([...informativeCurves(later.slice(1), shown)].sort(), ['b', 'c']);
});

test('the stage that is shown does not change when another begins to train, only by the reader', () => {
  const chosen = new Map<string, string>();
  const store = new CurveStore();
  const shown = new ShownCurves({ get: (name) => chosen.get(name) }, store);
  const facts = curve('a', 'slm', 1, 'training').facts;
  store.setFacts([{ ...facts, kind: 'pretraining' }]);
  assert.equal(shown.kind, 'pretraining');
  store.setFacts([
    { ...facts, kind: 'pretraining', state: 'finished' },
    { ...facts, id: 'b' },
  ]);
  assert.equal(shown.kind, 'pretraining');
  assert.deepEqual(shown.kinds, ['pretraining', 'fine-tuning']);
  chosen.set('curve kind', 'fine-tuning');
  assert.equal(shown.kind, 'fine-tuning');
});

test('without a training the stage is no settled one: a training that is told of later is what is shown', () => {
  const chosen = new Map<string, string>();
  const store = new CurveStore();
  const shown = new ShownCurves({ get: (name) => chosen.get(name) }, store);
  const finished = curve('a', 'slm-nopt', 1).facts;
  const training = { ...curve('b', 'slm', 1, 'training').facts, kind: 'pretraining' as const };
  store.setFacts([finished]);
  assert.equal(shown.kind, 'fine-tuning');
  store.setFacts([finished, training]);
  assert.equal(shown.kind, 'pretraining');

  // A reader who has unfolded the first keeps it.
  chosen.set('training', 'open');
  const read = new ShownCurves({ get: (name) => chosen.get(name) }, store);
  store.setFacts([finished]);
  assert.equal(read.kind, 'fine-tuning');
  store.setFacts([finished, training]);
  assert.equal(read.kind, 'fine-tuning');
});
