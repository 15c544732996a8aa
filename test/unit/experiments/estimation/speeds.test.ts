import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sha256 } from '../../../../src/common/hash.ts';
import { flops, seconds, tokens } from '../../../../src/common/units.ts';
import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import { recordedSpeeds } from '../../../../src/experiments/estimation/speeds.ts';
import { createRun } from '../../../../src/experiments/runs/run-writer.ts';
import { eventsPath, listRuns } from '../../../../src/experiments/runs/runs.ts';
import { ArtifactStore } from '../../../../src/pipeline/store.ts';

const plan = presetPlan('tiny');

/** A store with one run for each of these engines, which pretrained the small model at so many tokens a second. */
async function storeOf(t: TestContext, speeds: Readonly<Record<string, number>>): Promise<ArtifactStore> {
  const storage = mkdtempSync(join(tmpdir(), 'parlance-speeds-'));
  t.after(() => rmSync(storage, { recursive: true, force: true }));
  const store = new ArtifactStore(storage);
  for (const [engine, speed] of Object.entries(speeds)) {
    const cost = { flops: flops(1e15), seconds: seconds(1e6), tokens: tokens(1e6 * speed) };
    const stage = { fingerprint: sha256(engine), kind: 'pretrain', label: 'pretrain' };
    const work = join(storage, 'work', stage.fingerprint);
    mkdirSync(work, { recursive: true });
    await store.publish(work, {
      ...stage,
      subject: '',
      version: 1,
      parameters: { engine, model: { ...plan.models.small }, context: plan.context },
      inputs: {},
      booking: 'generic',
      cost,
      upstream: {},
    });
    const run = await createRun(storage, {
      title: '',
      configuration: {},
      seeds: [1],
      versions: { parlance: '', node: '', engine: 'auto', platform: '', processor: 'x', threads: 2 },
      methods: ['slm'],
      engine: 'auto',
    });
    run.append({ type: 'stage', event: { ...stage, state: 'finished', cost } });
    run.finish('finished');
  }
  return store;
}

test('a recorded speed is that of the engine that is asked for, also where a later run had another', async (t) => {
  const store = await storeOf(t, { 'onnxruntime:cpu': 1000, 'onnxruntime:webgpu': 50_000 });
  const recorded = async (engineName: string, processor = 'x') => {
    const [speed] = await recordedSpeeds(plan, ['small'], { store, engineName, threads: 2, processor });
    return speed && Math.round(speed.trainingTokensPerSecond);
  };
  assert.equal(await recorded('onnxruntime:cpu'), 1000);
  assert.equal(await recorded('onnxruntime:webgpu'), 50_000);
  assert.equal(await recorded('pytorch'), undefined);
  assert.equal(await recorded('onnxruntime:cpu', 'y'), undefined);
});

test('a run whose log is damaged tells no speed and keeps nobody from the others', async (t) => {
  const store = await storeOf(t, { pytorch: 1000 });
  const of = { store, engineName: 'pytorch', threads: 2, processor: 'x' };
  const [{ record }] = (await listRuns(store.storage)).runs;
  assert.equal((await recordedSpeeds(plan, ['small'], of)).length, 1);
  writeFileSync(eventsPath(store.storage, record.id), 'damaged\n{}\n');
  assert.deepEqual(await recordedSpeeds(plan, ['small'], of), []);
});
