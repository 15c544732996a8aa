/** What a run of the command line leaves for whoever resumes it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { newestRun } from '../../../../src/cli/newest-run.ts';
import { InterruptedError } from '../../../../src/common/errors.ts';
import { readExperiment } from '../../../../src/experiments/config/configuration.ts';
import { configurationJson } from '../../../../src/experiments/config/recorded-facts.ts';
import { runExperiment } from '../../../../src/experiments/execution/execute.ts';
import { prepareExperiment } from '../../../../src/experiments/execution/prepare.ts';
import { listRuns } from '../../../../src/experiments/runs/runs.ts';
import { takeRun } from '../../../../src/host/take-run.ts';

test('a run of the command line records all that was asked, so that it is resumed as it was', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-asked-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'docs'));
  for (let i = 0; i < 12; i++)
    writeFileSync(join(folder, 'docs', `${i}.md`), `Text number ${i}, of a few words. `.repeat(9 + i));
  const asked = { domains: [{ name: 'docs', sources: [{ path: 'docs' }] }], methods: ['slm-nopt'] };
  writeFileSync(join(folder, 'parlance.json'), JSON.stringify(asked));
  const experiment = await readExperiment(folder, 'small');
  const storage = join(folder, '.parlance', 'storage');
  const environment = {
    storage,
    threads: 1,
    version: '0',
    command: '',
    signal: new AbortController().signal,
    engine: 'onnxruntime:cpu',
    ignoreLostLabels: true,
    on: 'slurm' as const,
    executor: {
      asksForTime: false,
      expect: () => Promise.reject(new InterruptedError('Stopped.', '')),
      compute: () => Promise.resolve(),
      abandon: () => Promise.resolve(),
    },
  };
  const ignore = () => undefined;
  const observer = { onPlan: ignore, onStage: ignore, onNotes: ignore, onMeasurement: ignore };
  const prepared = await prepareExperiment(experiment, environment);
  await assert.rejects(runExperiment(prepared, environment, observer), InterruptedError);
  const [{ record }] = (await listRuns(storage)).runs;
  assert.deepEqual([record.preset, record.ignoreLostLabels, record.on], ['small', true, 'slurm']);

  const start = { storage, run: record.id, queueFolder: folder, parallel: 1, keepBest: false };
  const resumed = await takeRun(start);
  resumed.run.finish('interrupted');
  assert.deepEqual(configurationJson(resumed.experiment), record.configuration);
  const told = await newestRun(folder, {});
  assert.deepEqual(configurationJson(told.experiment), record.configuration);
});
