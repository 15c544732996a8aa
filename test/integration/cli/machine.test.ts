import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ENGINE_NAMES } from '../../../src/engines/names.ts';
import { PRESET_NAMES } from '../../../src/experiments/config/presets.ts';
import { withStateFolder } from '../../support/state.ts';
import { jsonLines, makeWorkspace, microExperiment, parlance, start } from './micro.ts';

test('machine tells what there is, each engine and the memory of each preset; the speed only when asked', async (t) => {
  const folder = await makeWorkspace(t);
  const { code, stdout } = await parlance('machine', folder, '--json');
  assert.equal(code, 0);
  const lines = jsonLines(stdout);
  assert.deepEqual(
    lines.map(({ type }) => type),
    ['machine', ...ENGINE_NAMES.map(() => 'engine'), ...PRESET_NAMES.map(() => 'memory')],
  );
  assert.deepEqual(
    lines.filter(({ type }) => type === 'engine').map(({ engine }) => engine),
    [...ENGINE_NAMES],
  );
  assert.equal(lines[0].storage, join(folder, '.parlance', 'storage'));
});

test('without measuring, the time is not known before a run; it follows from its speed after it, in the next folder too', async (t) => {
  const state = await withStateFolder(t);
  const experiment = { ...microExperiment, methods: ['slm'] };
  const folder = await makeWorkspace(t, experiment);
  const planned = async (of = folder) => {
    const { code, stdout, stderr } = await start(['plan', of, '--no-measure', '--json'], state).ended;
    assert.equal(code, 0, stderr);
    return jsonLines(stdout).find(({ type }) => type === 'plan');
  };
  const before = await planned();
  assert.deepEqual([before?.type, before?.expectedSeconds, before?.calibrations], ['plan', undefined, []]);
  assert.equal((await start(['run', folder, '--json'], state).ended).code, 0);
  await writeFile(join(folder, 'parlance.json'), JSON.stringify({ ...experiment, seeds: [2] }));
  const after = await planned();
  assert.ok(typeof after?.expectedSeconds === 'number' && after.expectedSeconds > 0);
  const next = await planned(await makeWorkspace(t, experiment));
  assert.ok(typeof next?.expectedSeconds === 'number' && next.expectedSeconds > 0);
  const { stdout } = await start(['plan', folder, '--no-measure'], state).ended;
  assert.match(stdout, /Training the small model: [\d,]+ tokens a second, measured earlier on this machine/);
});
