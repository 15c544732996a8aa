import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopOnSignals } from '../../../src/cli/interruption.ts';

test('a terminal that is closed stops the work once, however often it says so', (t) => {
  const exit = t.mock.method(process, 'exit', () => undefined);
  let stops = 0;
  const { signal, release } = stopOnSignals(() => stops++);
  process.emit('SIGHUP', 'SIGHUP');
  process.emit('SIGHUP', 'SIGHUP');
  assert.ok(signal.aborted);
  assert.deepEqual([stops, exit.mock.callCount()], [1, 0]);
  process.emit('SIGINT', 'SIGINT');
  assert.equal(exit.mock.callCount(), 1);
  release();
  assert.equal(process.listenerCount('SIGHUP'), 0);
});
