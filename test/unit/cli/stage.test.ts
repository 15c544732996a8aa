import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stage } from '../../../src/cli/stage.ts';
import { PYTHON_VARIABLE } from '../../../src/engines/pytorch/python-variable.ts';
import { experimentStages } from '../../../src/experiments/execution/grid.ts';
import { methods } from '../../../src/methods/registry.ts';
import { NO_COST } from '../../../src/pipeline/cost.ts';
import { describe } from '../../../src/pipeline/runner.ts';
import { fingerprint, type Stage } from '../../../src/pipeline/stage.ts';
import { writeStagePlans } from '../../../src/pipeline/stage-plans.ts';
import { ArtifactStore } from '../../../src/pipeline/store.ts';
import { madePlan } from '../experiments/execution/made-grid.ts';

/** A storage with planned evaluations for PyTorch, and a Python that only says which process it is. */
function planned(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-stage-'));
  const pids = join(folder, 'pids');
  const python = join(folder, 'python');
  const hello = JSON.stringify({
    version: '2.9.0',
    kind: 'cuda',
    device: 'Pretended',
    devices: 1,
    bfloat16: true,
    tf32: true,
    native: [],
    peak: 0,
    bytes: 0,
  });
  const program = [
    `require('fs').appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n');`,
    `const hello = Buffer.from(${JSON.stringify(hello)});`,
    'const length = Buffer.alloc(4);',
    'length.writeUInt32LE(hello.length);',
    'process.stdout.write(Buffer.concat([length, hello]));',
    'process.stdin.resume();',
  ];
  writeFileSync(join(folder, 'python.cjs'), program.join('\n'));
  writeFileSync(python, `#!/bin/sh\nexec '${process.execPath}' '${join(folder, 'python.cjs')}'\n`);
  writeFileSync(pids, '');
  chmodSync(python, 0o755);
  const before = process.env[PYTHON_VARIABLE];
  process.env[PYTHON_VARIABLE] = python;
  const started = (): readonly number[] => (readFileSync(pids, 'utf8').match(/\d+/g) ?? []).map(Number);
  t.after(() => {
    if (before === undefined) delete process.env[PYTHON_VARIABLE];
    else process.env[PYTHON_VARIABLE] = before;
    for (const pid of started().filter(isAlive)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true });
  });
  t.mock.method(console, 'log', () => undefined);
  const storage = join(folder, 'storage');
  mkdirSync(storage);
  const store = new ArtifactStore(storage);
  return { store, started, stages: evaluations(store) };
}

function evaluations(store: ArtifactStore): readonly Stage[] {
  const services = {
    store,
    threads: 1,
    cacheFile: 'nowhere',
    engineName: 'pytorch',
    engine: () => {
      throw new Error('Planning computes nothing.');
    },
  };
  const contents = { generic: 'generic', domains: ['letters'] };
  const slm = methods.filter(({ id }) => id === 'slm');
  const { points } = experimentStages(madePlan, slm, { contents, trainingTokens: new Map() }, services);
  return points.map(({ evaluation }) => evaluation).slice(0, 3);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a job whose stages are all made starts no engine', async (t) => {
  const { store, started, stages } = planned(t);
  await writeStagePlans(store.storage, stages);
  for (const one of stages) {
    const from = join(store.storage, 'from');
    mkdirSync(from);
    writeFileSync(join(from, 'x'), 'x');
    const { places: _, ...what } = describe(one);
    await store.publish(from, { ...what, cost: NO_COST, upstream: {} });
  }
  await stage(stages.map(fingerprint), { storage: store.storage, threads: 1 });
  assert.deepEqual(started(), []);
});

test('an engine that was started ends with the job, though the stage failed before it used it', async (t) => {
  const { store, started, stages } = planned(t);
  await writeStagePlans(store.storage, stages);
  await assert.rejects(stage(stages.map(fingerprint), { storage: store.storage, threads: 1 }));
  assert.equal(started().length, 1);
  assert.deepEqual(started().filter(isAlive), []);
});
