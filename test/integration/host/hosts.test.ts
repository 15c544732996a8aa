import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEvents } from '../../../src/experiments/runs/events.ts';
import { eventsPath } from '../../../src/experiments/runs/runs.ts';
import { finishedWorkspace, outcomes } from '../cli/micro.ts';
import { ended, place } from './hosts.ts';

test('two methods in two processes, one after the other, end as on the command line and in one report', async (t) => {
  const here = await place(t);
  const runs = [
    await here.supervisor.start(here.request('slm-nopt')),
    await here.supervisor.start(here.request('slm')),
  ];
  const queued = await here.until(
    runs[1],
    ({ phase, message }) => phase === 'queued' && /slm-nopt/.test(message),
  );
  assert.match(queued.message, /micro: Trained on the domain alone \(slm-nopt\)/);
  const [first, second] = [await here.until(runs[0], ended), await here.until(runs[1], ended)];
  for (const view of [first, second]) {
    assert.equal(view.phase, 'finished', view.message);
    assert.equal(view.fraction, 1);
    assert.ok(view.stages.every(({ state }) => state === 'finished' || state === 'reused'));
  }
  assert.deepEqual([first.methods, second.methods], [['slm-nopt'], ['slm']]);
  assert.equal(first.measurements.length + second.measurements.length, 5);
  const times = (run: string, state: string) =>
    readEvents(eventsPath(here.storage, run))
      .events.filter(({ event }) => event.type === 'state' && event.state === state)
      .map(({ time }) => time);
  assert.ok(times(runs[0], 'finished')[0] <= times(runs[1], 'preparing')[0], 'they did not overlap');

  const report = join(here.folder, '.parlance', 'reports', runs[1], 'report.json');
  const { methods, measurements } = JSON.parse(await readFile(report, 'utf8'));
  assert.deepEqual(methods.map(({ id }: { id: string }) => id).sort(), ['slm', 'slm-nopt']);
  assert.equal(measurements.length, 5);

  const whole = await finishedWorkspace(t);
  assert.deepEqual(await outcomes(here.storage), await outcomes(join(whole, '.parlance', 'storage')));
});
