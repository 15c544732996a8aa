/** What went into a model, read from the tree of what made it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../../src/common/json.ts';
import { ingredientsOf } from '../../../../src/experiments/export/ingredients.ts';
import { NO_COST } from '../../../../src/pipeline/cost.ts';
import type { MadeFrom, Provenance } from '../../../../src/pipeline/explain.ts';

let made = 0;
function node(
  kind: string,
  inputs: Readonly<Record<string, Provenance>> = {},
  parameters: Json = {},
): MadeFrom {
  const fingerprint = `${made++}`;
  const label = kind === 'given-model' ? 'take in the small model of llama-1b' : kind;
  const facts = { version: 1, booking: 'generic' as const, cost: NO_COST, created: '' };
  return { ...facts, state: 'there', fingerprint, kind, label, parameters, inputs };
}

test('a model from elsewhere is found where training begins with it, and a teacher’s is the teacher’s', () => {
  const given = node('given-model');
  const continued = node('pretrain', { start: given });
  assert.deepEqual(ingredientsOf(given), { given: 'llama-1b', isPartial: false });
  assert.deepEqual(ingredientsOf(node('fine-tune', { pretrained: continued })), {
    given: 'llama-1b',
    isPartial: false,
  });
  const teacher = node('fine-tune', { pretrained: given });
  const distilled = node('fine-tune', { teacher, pretrained: node('pretrain') });
  assert.deepEqual(ingredientsOf(distilled), { givenTeacher: 'llama-1b', isPartial: false });
  const both = ingredientsOf(node('fine-tune', { teacher, pretrained: given }));
  assert.equal(both.given, 'llama-1b');
  assert.deepEqual(ingredientsOf(node('fine-tune', { pretrained: node('pretrain') })), { isPartial: false });
});

test('what was cleaned away may have taken in anything', () => {
  const gone: Provenance = { state: 'gone', fingerprint: 'x', cost: undefined };
  assert.deepEqual(ingredientsOf(node('fine-tune', { pretrained: gone })), { isPartial: true });
});

test('in-domain text is told of the part of pretraining that held it', () => {
  const trunk = node('pretrain-trunk');
  const late = node('pretrain', { trunk }, { domainShare: 0.3, domainRepetition: 64 });
  const mixed = { share: 0.3, isAtMost: true, part: 'last' };
  assert.deepEqual(ingredientsOf(node('fine-tune', { pretrained: late })).mixed, mixed);
  const whole = node(
    'pretrain',
    { trunk: node('pretrain-trunk', {}, { domainShare: 0.1 }) },
    { domainShare: 0.1 },
  );
  assert.deepEqual(ingredientsOf(whole).mixed, { share: 0.1, isAtMost: false, part: 'all' });
  assert.equal(ingredientsOf(node('fine-tune', { teacher: late })).mixed, undefined);
});
