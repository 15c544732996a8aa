import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { failureOf } from '../../../src/cli/failure.ts';

test('a refusal of the system ends with 4 and names the file; any other unknown error is a mistake of the program', () => {
  const refused = failureOf(thrownBy(() => readFileSync('/nowhere/at/all')));
  assert.equal(refused.exitCode, 4);
  assert.match(refused.message, /\/nowhere\/at\/all/);
  assert.match(refused.hint, /run the same command again/);
  const mistake = failureOf(new TypeError('x is undefined'));
  assert.equal(mistake.exitCode, 1);
  assert.match(mistake.hint, /mistake in Parlance/);
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
