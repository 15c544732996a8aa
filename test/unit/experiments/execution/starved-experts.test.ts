import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import { starvedNotes } from '../../../../src/experiments/execution/starved-experts.ts';
import type { ExperimentPlan } from '../../../../src/methods/experiment-plan.ts';

const paper = presetPlan('paper');
const both = ['slm', 'slm-mix', 'slm-pn'];

function withBudget(tokens: number, branching = true): ExperimentPlan {
  return {
    ...paper,
    pretraining: { ...paper.pretraining, budgets: [1024, tokens] },
    mixture: { ...paper.mixture, branching },
  };
}

test('in the paper’s regime no expert is starved, also where each is trained alone', () => {
  assert.deepEqual(starvedNotes(paper, both), []);
  assert.deepEqual(starvedNotes(withBudget(25_165_824, false), both), []);
});

test('a starved method is told with what its experts see and what they would need', () => {
  // 56,544 parameters; an eighth of 2,000,000 tokens is 4.4 a parameter, and 45 are 2.54M for each of eight.
  const [mixture, network] = starvedNotes(withBudget(2_000_000, false), both);
  assert.equal(
    mixture.text,
    'slm-mix is starved: with 2M tokens of pretraining an expert sees 4.4 tokens a parameter, where the paper’s experts had 23 to 90; 45 take 20.4M tokens.',
  );
  assert.match(network.text, /^slm-pn is starved: .* the projected network sees 4\.2 tokens a parameter/);
});

test('experts that branch have seen the common stable phase', () => {
  // 0.6 + 0.4 / 8 of the budget.
  const [{ text }] = starvedNotes(withBudget(2_000_000), ['slm-mix']);
  assert.match(text, /an expert sees 23 tokens a parameter/);
});

test('nothing is said of methods that are not asked for, without generic text, or of a model that was given', () => {
  const starved = withBudget(2048);
  assert.deepEqual(starvedNotes(starved, ['slm', 'slm-is']), []);
  assert.deepEqual(starvedNotes({ ...starved, generic: undefined }, both), []);
  const small = { folder: 'given', content: '', tokenizer: '' };
  assert.deepEqual(starvedNotes({ ...starved, from: { small } }, both), []);
});
