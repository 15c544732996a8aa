import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { dialogueHere, TerminalDialogue } from '../../../src/cli/terminal-dialogue.ts';

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

test('a question is seen though standard output goes to a file', (t) => {
  const before = process.stdout.isTTY;
  t.after(() => Object.assign(process.stdout, { isTTY: before }));
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    t.mock.method(process[name], 'write', (text: string) => {
      told[name] += text;
      return true;
    });
  }
  for (const isTTY of [false, true]) {
    Object.assign(process.stdout, { isTTY });
    const dialogue = dialogueHere();
    dialogue.tell(isTTY ? 'to a terminal' : 'to a file');
    dialogue.close();
  }
  t.mock.restoreAll();
  assert.match(told.stderr, /to a file/);
  assert.doesNotMatch(told.stdout, /to a file/);
  assert.match(told.stdout, /to a terminal/);
});
