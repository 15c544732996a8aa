import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longerExperiment, makeWorkspace, parlance, start, TRAINING } from './micro.ts';

test('a run whose output nobody reads any more stops, keeps its work and is no success', async (t) => {
  const folder = await makeWorkspace(t, { ...longerExperiment, methods: ['slm'] });
  const running = start(['run', folder, '--json']);
  await running.shows(TRAINING);
  running.child.stdout?.destroy();
  const { code, stderr } = await running.ended;
  assert.equal(code, 141, stderr);
  assert.match(stderr, /^error: Stopped; everything so far is kept\.\nhint: .*parlance run/);
  assert.match((await parlance('status', folder)).stdout, /: stopped\n/);
  const resumed = start(['run', folder]);
  await resumed.shows(/^resumed /m);
  resumed.child.kill('SIGKILL');
  await resumed.ended;
});

test('a short answer that nobody reads is no success either', async (t) => {
  const asked = start(['status', await makeWorkspace(t)]);
  asked.child.stdout?.destroy();
  assert.equal((await asked.ended).code, 141);
});
