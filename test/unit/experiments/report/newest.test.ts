/** Which report tells of an experiment as it is configured now. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newestReport } from '../../../../src/experiments/report/newest.ts';

test('the newest report that fits counts, histograms from the newest that has any', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-newest-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const write = async (day: number, methods: readonly string[], clusters: number, isClustered: boolean) => {
    const selections = isClustered ? [{ domain: 'letters', histograms: [] }] : [];
    const configuration = { methods, context: 128, selection: { clusters } };
    const path = join(folder, `${day}`, 'report.json');
    await mkdir(join(folder, `${day}`));
    await writeFile(path, JSON.stringify({ configuration, models: [], methods: [], selections }));
    await utimes(path, day, day);
  };
  await write(1, ['slm-is'], 32, true);
  await write(2, ['slm'], 64, false);
  await write(3, ['slm-is'], 64, true);
  const found = (clusters: number) => newestReport(folder, { context: 128, selection: { clusters } });
  const of = async (clusters: number) => {
    const report = await found(clusters);
    const { methods } = JSON.parse(JSON.stringify(report?.configuration ?? {}));
    return [methods, report?.selections.length];
  };
  assert.deepEqual(await of(32), [['slm'], 1]);
  assert.deepEqual(await of(64), [['slm-is'], 1]);
  assert.deepEqual(await of(16), [['slm'], 0]);
  assert.equal(await newestReport(folder, { context: 256, selection: { clusters: 32 } }), undefined);
});
