/** A run that goes on, or whose best weights are kept, after its text was changed. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readExperiment } from '../../../src/experiments/config/configuration.ts';
import { configurationJson } from '../../../src/experiments/config/recorded-facts.ts';
import { corpusFingerprints } from '../../../src/experiments/execution/execute.ts';
import { prepareExperiment } from '../../../src/experiments/execution/prepare.ts';
import type { RunRecord } from '../../../src/experiments/runs/runs.ts';
import { heldBefore, requireSame } from '../../../src/host/same-run.ts';
import { runStage } from '../../../src/pipeline/runner.ts';
import { ArtifactStore } from '../../../src/pipeline/store.ts';

test('text that was changed since a run began is another one to resume on, and is in the store as it was', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-same-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'docs'));
  for (let i = 0; i < 12; i++)
    writeFileSync(join(folder, 'docs', `${i}.md`), `Text number ${i}, of a few words. `.repeat(9));
  const asked = { domains: [{ name: 'docs', sources: [{ path: 'docs' }] }], methods: ['slm-nopt'] };
  writeFileSync(join(folder, 'parlance.json'), JSON.stringify(asked));
  const experiment = await readExperiment(folder);
  const storage = join(folder, 'storage');
  const { signal } = new AbortController();
  const environment = { storage, threads: 1, version: '0', command: '', signal, engine: 'onnxruntime:cpu' };
  const record: RunRecord = {
    format: 1,
    id: '20260101-000000-000-aaaaaa',
    created: '2026-01-01T00:00:00.000Z',
    title: 'letters',
    configuration: configurationJson(experiment),
    seeds: [1],
    versions: { parlance: '0', node: '20', engine: 'x', platform: 'linux', processor: 'x', threads: 1 },
    experimentFile: experiment.file,
    methods: ['slm-nopt'],
    engine: 'onnxruntime:cpu',
  };
  const begun = await prepareExperiment(experiment, environment);
  const before = corpusFingerprints(begun);
  const store = new ArtifactStore(storage);
  await runStage(begun.stages.domains[0].corpus, { store, signal, onEvent: () => undefined });
  appendFileSync(join(folder, 'docs', '3.md'), 'One more line.');

  const now = corpusFingerprints(await prepareExperiment(experiment, environment));
  assert.throws(() => requireSame(experiment, record, before, now), /text of docs has changed/);
  const contents = await heldBefore(store, before);
  const kept = await prepareExperiment(experiment, { ...environment, contents });
  requireSame(experiment, record, before, corpusFingerprints(kept));
});
