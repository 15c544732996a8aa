/** What of a long text is sent to a model. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromPanelSchema } from '../../../src/panel-protocol/messages.ts';
import { sentText } from '../../../webview/sent-text.ts';

const isTaken = (prompt: string) =>
  fromPanelSchema.safeParse({ type: 'tryModel', evaluation: 'f0', prompt, seed: 1 }).success;

test('of a text that is too long its end is sent, which is said, and never half a character', () => {
  assert.deepEqual(sentText('Dear Sir,'), { text: 'Dear Sir,', note: '' });
  const beginning = 'a'.repeat(20_000);
  const { text, note } = sentText(`${beginning}the end`);
  assert.equal(text, `${beginning.slice(7)}the end`);
  assert.equal(note, 'Only the last 20,000 characters are continued.');
  assert.ok(isTaken(text) && !isTaken(`${text}.`));
  assert.equal(sentText(`\u{1f600}${beginning.slice(1)}`).text, beginning.slice(1));
});
