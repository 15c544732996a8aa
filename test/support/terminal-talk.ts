/** `parlance init` in a terminal of the test's own: a folder of text, and somebody who types. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import { converse } from '../../src/cli/init.ts';
import { TerminalDialogue } from '../../src/cli/terminal-dialogue.ts';

/** Files of so many bytes. */
export async function textFolder(t: TestContext, files: Readonly<Record<string, number>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'parlance-init-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), 'x'.repeat(bytes));
  }
  return root;
}

export interface Talk {
  readonly file: string;
  /** What the terminal showed. */
  readonly shown: string;
  readonly error: unknown;
}

/** Types a line for each time that the program waits; `undefined` ends the input. */
export async function talk(
  root: string,
  lines: readonly (string | undefined)[],
  options: Parameters<typeof converse>[2] = {},
): Promise<Talk> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = [...lines];
  let shown = '';
  output.on('data', (piece: Buffer) => {
    shown += piece;
    if (!/(> |\[y\/N\] )$/.test(shown)) return;
    assert.ok(left.length > 0, `nobody answers:\n${shown}`);
    const line = left.shift();
    // Only then does the program listen.
    setImmediate(() => (line === undefined ? input.end() : input.write(`${line}\n`)));
  });
  const dialogue = new TerminalDialogue(input, output);
  const file = join(root, 'parlance.json');
  const error = await converse(file, dialogue, options).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  dialogue.close();
  assert.deepEqual(left, [], shown);
  return { file, shown, error };
}

/** Takes what is proposed, so many times. */
export const enters = (count: number): readonly string[] => Array<string>(count).fill('');
