/** `parlance complete` that is stopped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complete } from '../../../src/cli/complete.ts';
import { InterruptedError } from '../../../src/common/errors.ts';
import { randomModel } from '../../support/random-model.ts';

test('a text that Ctrl-C ended is no success, and what was written stands', async (t) => {
  const size = { layers: 1, width: 8, heads: 2, feedForward: 8, context: 16, vocabulary: 257 };
  const model = await randomModel(t, size);
  const written: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  t.mock.method(process.stdout, 'write', (text: string | Uint8Array) => {
    // What tells the test runner of other tests is no text.
    if (typeof text !== 'string') return write(text);
    written.push(text);
    if (written.length === 4) process.emit('SIGINT', 'SIGINT');
    return true;
  });
  const draw = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, stop: [], seed: 1 };
  const stopped = complete('npm', { ...draw, model, tokens: 10_000, threads: 1, json: true });
  await assert.rejects(stopped, InterruptedError);
  t.mock.restoreAll();
  assert.match(written.at(-1) ?? '', /"completed","ending":"stopped"/);
  assert.ok(written.length < 100);
});
