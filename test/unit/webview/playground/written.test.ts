/** What the Playground says of written tokens, and which numbers it takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromPanelSchema } from '../../../../src/panel-protocol/messages.ts';
import { numberFrom, refusalOf, SAMPLING } from '../../../../webview/playground/sampling.ts';
import {
  shadeOf,
  stateWords,
  tokenLines,
  writtenFigures,
  writtenTable,
} from '../../../../webview/playground/written.ts';

const token = (text: string, probability: number, others: Readonly<Record<string, number>> = {}) => ({
  text,
  logProbability: Math.log(probability),
  alternatives: Object.entries(others).map(([other, p]) => ({ text: other, logProbability: Math.log(p) })),
});

test('the less likely a token, the deeper its shade', () => {
  const shades = [1, 0.51, 0.3, 0.2, 0.05, 0.02, 0.001].map((one) => shadeOf(token('a', one)));
  assert.deepEqual(shades, [0, 0, 1, 2, 3, 4, 5]);
});

test('a token is told with what was expected besides it', () => {
  const lines = tokenLines(token(' the', 0.25, { ' a': 0.5, '\n': 0.0001 }));
  assert.deepEqual(lines, ['“␣the” 25 %', 'or “␣a” 50 %', 'or “↵” <0.1 %']);
});

test('the perplexity of a text is that of its tokens: one of two and one of eight are one of four', () => {
  assert.equal(writtenFigures([token('a', 1 / 2), token('b', 1 / 8)]), '2 tokens, perplexity 4.000');
  assert.equal(writtenFigures([]), '');
  assert.equal(stateWords({ state: 'ended', note: 'The end.' }, '1 token'), '1 token · The end.');
});

test('the table has a row a token', () => {
  const { rows } = writtenTable([token('a', 0.5, { b: 0.25 }), token('c', 0.25)], 'All');
  assert.deepEqual(
    rows.map((row) => row.map(({ text }) => text)),
    [
      ['a', '50 %', '“b” 25 %'],
      ['c', '25 %', ''],
    ],
  );
});

test('every number that the page takes is one that the extension takes, and no other is', () => {
  const request = {
    type: 'write',
    request: 1,
    prompt: '',
    models: [],
    temperature: 1,
    topP: 1,
    tokens: 1,
    seed: 1,
  };
  for (const field of SAMPLING) {
    const { name } = field;
    for (const text of ['0', '1', '0.5', '-1', '5', '5.1', '1000', '1001', '1.5', '1e20']) {
      const value = numberFrom(name, text);
      const isTaken = fromPanelSchema.safeParse({ ...request, [name]: Number(text) }).success;
      assert.equal(Number.isFinite(value), isTaken, `${name} ${text}`);
      if (isTaken) assert.equal(value, Number(text));
    }
    assert.equal(refusalOf(field, numberFrom(name, '1')), '');
    assert.equal(refusalOf(field, numberFrom(name, 'much')), `${field.title}: ${field.range}.`);
    for (const text of ['', ' ', 'much']) assert.ok(Number.isNaN(numberFrom(name, text)));
    assert.ok(fromPanelSchema.safeParse({ ...request, [name]: numberFrom(name, undefined) }).success);
  }
});
