import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { clean } from '../../../src/pipeline/clean.ts';
import { bench, stage } from '../../unit/pipeline/fixtures.ts';

test('a stage that starts while cleaning goes on keeps what it reads', async (t) => {
  const b = bench(t);
  const base = stage('base');
  for (let attempt = 0; attempt < 10; attempt++) {
    for (let i = 0; i < 15; i++) await b.run(stage(`other ${i}`));
    await b.run(base);
    const seen: boolean[] = [];
    const reader = stage(`reader ${attempt}`, {
      inputs: { base },
      run: async (context) => {
        for (let look = 0; look < 15; look++) {
          seen.push(existsSync(context.input('base')));
          await sleep(2);
        }
      },
    });
    await Promise.all([
      clean(b.store, { what: 'all', runs: [], dryRun: false }),
      sleep(attempt).then(() => b.run(reader)),
    ]);
    assert.ok(seen.every(Boolean), `attempt ${attempt}: ${seen.map(Number).join('')}`);
  }
});
