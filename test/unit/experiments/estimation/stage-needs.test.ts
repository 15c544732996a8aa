import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PYTHON_VARIABLE } from '../../../../src/engines/pytorch/python-variable.ts';
import { readExperiment } from '../../../../src/experiments/config/configuration.ts';
import { stageNeeds } from '../../../../src/experiments/estimation/stage-needs.ts';
import { experimentTargets } from '../../../../src/experiments/execution/grid.ts';
import { versions } from '../../../../src/experiments/execution/measurements.ts';
import { prepareExperiment } from '../../../../src/experiments/execution/prepare.ts';
import type { StageExecutor } from '../../../../src/pipeline/executor.ts';
import { withStateFolder } from '../../../support/state.ts';

const cluster: StageExecutor = {
  asksForTime: true,
  expect: async () => undefined,
  compute: async () => undefined,
  abandon: async () => undefined,
};

async function prepared(t: TestContext, { engine, budget }: { engine: string; budget: number }) {
  await withStateFolder(t);
  const before = process.env[PYTHON_VARIABLE];
  process.env[PYTHON_VARIABLE] = '/nowhere/python3';
  const folder = mkdtempSync(join(tmpdir(), 'parlance-needs-'));
  t.after(() => {
    if (before === undefined) delete process.env[PYTHON_VARIABLE];
    else process.env[PYTHON_VARIABLE] = before;
    rmSync(folder, { recursive: true });
  });
  for (const part of ['generic', 'domain']) {
    mkdirSync(join(folder, part));
    writeFileSync(join(folder, part, 'text.md'), `${part} words of some text. `.repeat(2000));
  }
  const experiment = {
    name: 'needs',
    generic: { sources: [{ path: 'generic' }] },
    domains: [{ name: 'docs', sources: [{ path: 'domain' }] }],
    methods: ['slm'],
    pretraining: { tokens: [budget] },
  };
  writeFileSync(join(folder, 'parlance.json'), JSON.stringify(experiment));
  const environment = {
    storage: join(folder, 'storage'),
    threads: 4,
    version: '1',
    command: '',
    signal: new AbortController().signal,
    engine,
    executor: cluster,
  };
  const ready = await prepareExperiment(await readExperiment(folder), environment);
  t.after(() => ready.dispose());
  return { ready, environment };
}

test('an engine that only the nodes have is planned for by operations', async (t) => {
  for (const engine of ['pytorch:tf32', 'onnxruntime:cuda']) {
    const seconds = async (budget: number): Promise<number> => {
      const { ready } = await prepared(t, { engine, budget });
      const need = await stageNeeds(ready, true);
      const target = experimentTargets(ready.stages).find(({ kind }) => kind === 'fine-tune');
      const pretraining = target?.inputs.pretrained;
      assert.ok(pretraining !== undefined);
      return need(pretraining).seconds;
    };
    const [short, long] = [await seconds(4_000_000), await seconds(400_000_000)];
    assert.ok(long > 1800 && long > 50 * short, `${engine}: ${short} s, ${long} s`);
  }
});

test('what a cluster computes is recorded as its, and with the threads of its jobs', async (t) => {
  const { ready, environment } = await prepared(t, { engine: 'onnxruntime:cpu', budget: 4_000_000 });
  const { processor, threads } = versions(ready.services, environment);
  assert.deepEqual({ processor, threads }, { processor: 'nodes of a cluster', threads: 4 });
});
