import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { TerminalDialogue } from '../../../src/cli/terminal-dialogue.ts';

/** Types a line for each time that the program waits. */
function typing(t: TestContext, ...lines: readonly string[]): TerminalDialogue {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = [...lines];
  output.on('data', (piece: Buffer) => {
    if (piece.toString().endsWith('> ')) setImmediate(() => input.write(`${left.shift()}\n`));
  });
  const dialogue = new TerminalDialogue(input, output);
  t.after(() => dialogue.close());
  return dialogue;
}

const place = { title: 'Create Experiment', step: 1, steps: 2 };

test('a number that nothing has is asked for again', async (t) => {
  const items = [{ label: 'first' }, { label: 'second' }];
  const chosen = await typing(t, '0', '3', '1').pickOne(place, { placeholder: 'Which?', items });
  assert.equal(chosen, items[0]);
});

test('a folder is named as a shell reads it, with ~ for the home folder', async (t) => {
  assert.equal(await typing(t, '~').pickFolder(), homedir());
  assert.equal(await typing(t, '~/').pickFolder(), homedir());
  assert.equal(await typing(t, '~nobody', '').pickFolder(), undefined);
});
