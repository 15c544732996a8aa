import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InterruptedError, ResourceError } from '../../../src/common/errors.ts';
import { isStop } from '../../../src/common/interruption.ts';

test('what fails while work stops is a failure, unless it only says that it was stopped', () => {
  const stopped = AbortSignal.abort();
  assert.ok(isStop(new InterruptedError('Stopped.', ''), stopped));
  assert.ok(isStop(new DOMException('This operation was aborted', 'AbortError'), stopped));
  assert.ok(!isStop(new ResourceError('The disk is full.', 'Free some space.'), stopped));
  assert.ok(!isStop(new Error('A mistake.'), new AbortController().signal));
});
