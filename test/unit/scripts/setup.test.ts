import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNodeRecentEnough, staleReason } from '../../../scripts/setup.mjs';

const lock = (packages: Record<string, object>) => ({ packages });
const one = { version: '1.0.0', integrity: 'sha512-a' };

test('Node.js 20.19 is the oldest that is accepted', () => {
  assert.deepEqual(['18.20.4', '20.9.0', '20.18.3', '20.19.0', '22.0.0'].map(isNodeRecentEnough), [
    false,
    false,
    false,
    true,
    true,
  ]);
});

test('nothing is installed again when what is installed is what the lockfile names', () => {
  const wanted = lock({
    '': {},
    'node_modules/a': one,
    'node_modules/other-platform': { ...one, optional: true },
  });
  assert.equal(staleReason(wanted, lock({ 'node_modules/a': one })), undefined);
});

test('an absent, changed or additional package is noticed', () => {
  const wanted = lock({ '': {}, 'node_modules/a': one });
  assert.match(staleReason(wanted, undefined) ?? '', /no finished installation/);
  assert.match(staleReason(wanted, lock({})) ?? '', /node_modules\/a differs/);
  const changed = lock({ 'node_modules/a': { ...one, integrity: 'sha512-b' } });
  assert.match(staleReason(wanted, changed) ?? '', /node_modules\/a differs/);
  const more = lock({ 'node_modules/a': one, 'node_modules/b': one });
  assert.match(staleReason(wanted, more) ?? '', /node_modules\/b is not in package-lock.json/);
});
