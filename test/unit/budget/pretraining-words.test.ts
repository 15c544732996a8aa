import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGiven, pretrainingFigure, pretrainingInWords } from '../../../src/budget/pretraining-words.ts';

test('without pretraining tokens a model is trained from scratch or was given, and the method tells which', () => {
  const said = (method: string, pretrainingTokens: number) => {
    const one = { method, pretrainingTokens };
    return [pretrainingFigure(one), pretrainingInWords(one), isGiven(one)];
  };
  assert.deepEqual(said('slm-is', 64e6), ['64M', '64M pretraining tokens', false]);
  assert.deepEqual(said('slm-nopt', 0), ['none', 'no pretraining', false]);
  assert.deepEqual(said('slm-lora', 0), ['given', 'a given model', true]);
});
