/** Which run `report`, `export`, `plan` with budgets and `models` tell of. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { experimentAsMeasured, newestMeasuredRun, newestRun } from '../../../src/cli/newest-run.ts';
import { plan } from '../../../src/cli/plan.ts';
import { createRun } from '../../../src/experiments/runs/run-writer.ts';
import type { RunRequest } from '../../../src/experiments/runs/runs.ts';
import { resultsOf } from '../../fixtures/answer-results.ts';

const {
  measurements: [measurement],
} = resultsOf([{ method: 'slm-nopt', size: 2048, perplexities: [20] }]);
const request: RunRequest = {
  title: 'letters',
  configuration: {},
  seeds: [1],
  versions: { parlance: '0', node: '20', engine: 'x', platform: 'linux', processor: 'x', threads: 1 },
  methods: ['slm-nopt'],
  engine: 'auto',
};

/** A folder with these experiment files. */
function folderWith(t: TestContext, ...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-newest-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'docs'));
  writeFileSync(join(folder, 'docs', 'a.md'), 'A few words.');
  const asked = { domains: [{ name: 'docs', sources: [{ path: 'docs' }] }], methods: ['slm-nopt'] };
  for (const name of names) writeFileSync(join(folder, name), JSON.stringify(asked));
  return folder;
}

let number = 0;
async function ran(folder: string, asked: Partial<RunRequest>, hasMeasured = false): Promise<string> {
  const id = `20260101-000000-${100 + number++}-abcdef`;
  const run = await createRun(join(folder, '.parlance', 'storage'), { ...request, ...asked }, { id });
  if (hasMeasured) run.append({ type: 'measurement', measurement });
  run.finish('finished');
  return id;
}

test('the newest run of an experiment file is none of another file of its folder', async (t) => {
  const folder = folderWith(t, 'a.json', 'b.json', 'c.json');
  const own = await ran(folder, { experimentFile: join(folder, 'b.json') });
  await ran(folder, { experimentFile: join(folder, 'a.json') });
  assert.equal((await newestRun(join(folder, 'b.json'), {})).record.id, own);
  await assert.rejects(newestRun(join(folder, 'c.json'), {}), /no run of .*c\.json in /);
  const imported = await ran(folder, { imported: true });
  assert.equal((await newestRun(join(folder, 'b.json'), {})).record.id, imported);
});

test('an experiment file is the same by another way to it', async (t) => {
  const folder = folderWith(t, 'parlance.json');
  const id = await ran(folder, { experimentFile: join(folder, 'parlance.json') });
  const link = `${folder}-link`;
  symlinkSync(folder, link);
  t.after(() => rmSync(link));
  const storage = join(folder, '.parlance', 'storage');
  assert.equal((await newestRun(link, { storage })).record.id, id);
});

test('the command that repeats a run says all that was asked of it', async (t) => {
  const folder = folderWith(t, 'parlance.json');
  const file = join(folder, 'parlance.json');
  await ran(folder, { experimentFile: file, on: 'slurm', ignoreLostLabels: true });
  const { environment } = await newestRun(folder, {});
  assert.match(environment.command, /parlance\.json --on slurm --ignore-lost-labels$/);
});

test('budgets are answered by the newest run that measured, with its preset and engine unless others are asked for', async (t) => {
  const folder = folderWith(t, 'parlance.json', 'other.json');
  const [file, other] = [join(folder, 'parlance.json'), join(folder, 'other.json')];
  await assert.rejects(newestMeasuredRun(folder, {}), /Nothing has been measured yet/);
  const versions = { ...request.versions, engine: 'pytorch' };
  const own = { experimentFile: file, preset: 'small' as const, engine: 'pytorch', versions };
  const id = await ran(folder, own, true);
  await ran(folder, { experimentFile: other }, true);
  await ran(folder, { experimentFile: file });
  const { record, experiment, environment } = await newestMeasuredRun(folder, {});
  assert.deepEqual([record.id, experiment.preset, environment.engine], [id, 'small', 'pytorch']);
  assert.match(environment.command, /--preset small --engine pytorch$/);
  assert.equal((await experimentAsMeasured(folder, {})).preset, 'small');
  assert.equal((await experimentAsMeasured(other, {})).preset, undefined);
  const asked = await newestMeasuredRun(folder, { preset: 'paper', engine: 'onnxruntime:cpu' });
  assert.deepEqual([asked.experiment.preset, asked.environment.engine], ['paper', 'onnxruntime:cpu']);
});

test('plan with budgets says by which command its answer is to be measured', async (t) => {
  const folder = folderWith(t, 'parlance.json');
  const asked = { experimentFile: join(folder, 'parlance.json'), preset: 'small' as const };
  await ran(folder, { ...asked, engine: 'onnxruntime:cpu' }, true);
  await assert.rejects(plan(folder, { domains: 7, engine: 'onnxruntime:cpu' }), {
    message: /^Nothing has been measured yet for .* as it is now\.$/,
    hint: /parlance\.json --preset small --engine onnxruntime:cpu$/,
  });
});

test('budgets are answered by what is stored, also where the experiment file has another name by now', async (t) => {
  const folder = folderWith(t, 'new-name.json');
  const id = await ran(folder, { experimentFile: join(folder, 'old-name.json') }, true);
  assert.equal((await newestMeasuredRun(join(folder, 'new-name.json'), {})).record.id, id);
});
