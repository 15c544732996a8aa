/** What a host hears of its computation. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ResourceError } from '../../../src/common/errors.ts';
import { ComputationProcess } from '../../../src/host/computation-process.ts';

/** Tells a note, and goes on until it is asked to stop. */
const PROGRAM = `
process.on('message', () => {
  process.send({ type: 'end', state: 'interrupted', message: 'Stopped.', hint: '' }, () => process.exit());
});
process.on('disconnect', () => process.exit());
process.send({ type: 'note', text: 'one' });
process.send({ type: 'note', text: 'two' });
`;

test('news that a full disk does not take stops the computation, which has failed with the reason', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-computation-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'computation.mjs');
  writeFileSync(program, PROGRAM);
  const notes: string[] = [];
  const start = { task: 'compute', storage: folder, run: 'one', threads: 1 } as const;
  const { ended } = new ComputationProcess(program, start, {
    onEvent: () => undefined,
    onProgress: () => undefined,
    onNote: (text) => {
      notes.push(text);
      throw new ResourceError('The disk is full.', 'Free some space.');
    },
    onStandstill: () => undefined,
  });
  assert.deepEqual(await ended, {
    type: 'end',
    state: 'failed',
    message: 'The disk is full.',
    hint: 'Free some space.',
  });
  assert.deepEqual(notes, ['one']);
});
