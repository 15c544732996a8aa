/** Results that came with a workspace without the models: shown and gone on with, and nothing is trained for them. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { exportResults } from '../../../samples/export-results.ts';
import { forgetImported } from '../../../src/experiments/results/imported-results.ts';
import { listRuns } from '../../../src/experiments/runs/runs.ts';
import { finishedWorkspace, jsonLines, makeWorkspace, microExperiment, parlance } from './micro.ts';

interface Measured {
  readonly type: string;
  readonly measurement: { readonly fingerprint: string; readonly method: string };
}

/** A workspace with the text of a finished one and its exported results, and what was measured there. */
async function importing(t: TestContext) {
  const finished = await finishedWorkspace(t);
  const exported = await mkdtemp(join(tmpdir(), 'parlance-export-'));
  t.after(() => rm(exported, { recursive: true, force: true }));
  await exportResults(finished, exported);
  const folder = await makeWorkspace(t);
  await cp(exported, join(folder, '.parlance', 'storage'), { recursive: true });
  return { finished, exported, folder, storage: join(folder, '.parlance', 'storage') };
}

const kindsOf = async (storage: string): Promise<string[]> => {
  const ids = await readdir(join(storage, 'artifacts'));
  const manifests = ids.map((id) => readFile(join(storage, 'artifacts', id, 'artifact.json'), 'utf8'));
  return (await Promise.all(manifests)).map((text) => JSON.parse(text).kind);
};
const count = (kinds: readonly string[], kind: string): number => kinds.filter((one) => one === kind).length;

test('what is exported names no folder, machine or process, and holds no weights', async (t) => {
  const { finished, exported } = await importing(t);
  const files = (await readdir(exported, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  for (const { parentPath, name } of files) {
    const text = await readFile(join(parentPath, name), 'utf8');
    assert.ok(!text.includes(finished), name);
    assert.doesNotMatch(name, /safetensors/);
  }
  assert.deepEqual([...new Set(await kindsOf(exported))], ['evaluate']);
  const [{ record, state }] = (await listRuns(exported)).runs;
  assert.deepEqual([state, record.imported, record.experimentFile], ['finished', true, undefined]);
});

test('a run trains nothing for imported results and tells the same figures; another seed goes on from them', async (t) => {
  const { finished, folder, storage } = await importing(t);
  const before = jsonLines((await parlance('run', finished, '--json')).stdout);
  const { code, stdout, stderr } = await parlance('run', folder, '--json');
  assert.equal(code, 0, stderr);
  const measured = (lines: readonly unknown[]) =>
    (lines as Measured[]).filter(({ type }) => type === 'measurement').map(({ measurement }) => measurement);
  assert.deepEqual(measured(jsonLines(stdout)), measured(before));
  const kinds = await kindsOf(storage);
  assert.deepEqual([count(kinds, 'pretrain'), count(kinds, 'fine-tune')], [0, 0]);
  assert.ok(count(kinds, 'tokens') > 0, 'text is read here');
  await writeFile(join(folder, 'parlance.json'), JSON.stringify({ ...microExperiment, seeds: [1, 2] }));
  const second = await parlance('run', folder, '--json');
  assert.equal(second.code, 0, second.stderr);
  assert.equal(measured(jsonLines(second.stdout)).length, 2 * measured(before).length);
  const untrained = 1;
  assert.equal(count(await kindsOf(storage), 'evaluate'), 2 * (measured(before).length + untrained));
});

test('before any run here: the planner answers, and the report is the one that came along', async (t) => {
  const { exported, folder } = await importing(t);
  await cp(join(exported, 'reports'), join(folder, '.parlance', 'reports'), { recursive: true });
  const planned = await parlance('plan', folder, '--domains', '1');
  assert.equal(planned.code, 0, planned.stderr);
  const { code, stdout, stderr } = await parlance('report', folder);
  assert.equal(code, 0, stderr);
  const id = (await readdir(join(exported, 'reports')))[0];
  assert.equal(stdout.trim(), join(folder, '.parlance', 'reports', id, 'report.html'));
});

test('a model that is asked for is made by the next run, and only that', async (t) => {
  const { folder, storage } = await importing(t);
  const lines = jsonLines((await parlance('run', folder, '--json')).stdout) as unknown as Measured[];
  const own = lines.find(({ measurement }) => measurement?.method === 'slm-nopt');
  assert.ok(own);
  await forgetImported(storage, own.measurement.fingerprint);
  const { code, stderr } = await parlance('run', folder);
  assert.equal(code, 0, stderr);
  const kinds = await kindsOf(storage);
  assert.deepEqual([count(kinds, 'pretrain'), count(kinds, 'fine-tune')], [0, 1]);
});
