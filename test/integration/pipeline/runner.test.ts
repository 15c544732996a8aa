import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { collectCost } from '../../../src/pipeline/plan.ts';
import { runStage } from '../../../src/pipeline/runner.ts';
import { fingerprint } from '../../../src/pipeline/stage.ts';
import { ArtifactStore } from '../../../src/pipeline/store.ts';
import { startScript } from './processes.ts';
import { twoStages } from './two-stages.ts';

const root = mkdtempSync(join(tmpdir(), 'parlance-runner-'));
after(() => rmSync(root, { recursive: true, force: true }));
const script = new URL('run-stage.child.ts', import.meta.url);

interface Place {
  readonly storage: string;
  readonly trace: string;
  readonly traceLines: () => string[];
}

function place(name: string): Place {
  const trace = join(root, `${name}.trace`);
  const traceLines = () => readFileSync(trace, 'utf8').trim().split('\n');
  const storage = join(root, name);
  mkdirSync(storage);
  return { storage, trace, traceLines };
}

/** File names and checksums: what two computations of one stage must agree on. */
async function contents(storage: string, id: string): Promise<unknown> {
  return (await new ArtifactStore(storage).verify(id))?.manifest.files;
}

test('three processes that need one stage compute it once', async () => {
  const { storage, trace, traceLines } = place('once');
  const children = [1, 2, 3].map(() => startScript(script, [storage, trace, '6', '300']));
  assert.deepEqual(await Promise.all(children.map((child) => child.ended)), [0, 0, 0]);
  assert.equal(traceLines().length, 8);
  const said = children.map((child) => child.lines.filter((line) => line.includes('"above"')));
  assert.equal(said.filter((lines) => lines.some((line) => line.includes('"finished"'))).length, 1);
  assert.equal(said.filter((lines) => lines.at(-1)?.includes('"reused"')).length, 2);
  const waits = said.filter((lines) => lines.some((line) => line.includes('"waiting"')));
  assert.equal(waits.length, 2);
});

test('a process killed in the middle of a stage is resumed, with the same files and every step booked once', async () => {
  const killed = place('killed');
  const child = startScript(script, [killed.storage, killed.trace, '8', '100']);
  await child.until('"step 3"');
  child.process.kill('SIGKILL');
  assert.equal(await child.ended, 'SIGKILL');

  const stage = twoStages(killed.trace, 8, 0);
  const id = fingerprint(stage);
  const store = new ArtifactStore(killed.storage);
  assert.equal(await store.open(id), undefined);
  const states: string[] = [];
  await runStage(stage, {
    store,
    signal: new AbortController().signal,
    onEvent: (event) => {
      if (event.state === 'started') states.push(`${event.label} resumed=${event.resumed}`);
      else if (event.state !== 'progress') states.push(`${event.label} ${event.state}`);
    },
  });
  assert.deepEqual(states, ['below reused', 'above resumed=true', 'above finished']);
  assert.ok(killed.traceLines().length <= 11, 'at most the step under way is done again');
  assert.equal(existsSync(store.workFolder(id)), false);

  const whole = place('whole');
  await runStage(stage, {
    store: new ArtifactStore(whole.storage),
    signal: new AbortController().signal,
    onEvent: () => undefined,
  });
  assert.deepEqual(await contents(killed.storage, id), await contents(whole.storage, id));
  const cost = await collectCost(stage, store);
  // The kill may fall between a checkpoint and its booking: that one step is then not booked.
  assert.ok(cost.specialization.flops === 800 || cost.specialization.flops === 700);
  assert.equal(cost.generic.flops, 200);
});

test('survives being killed again and again at any moment', async () => {
  const { storage, trace } = place('often');
  const stage = twoStages(trace, 30, 10);
  for (let attempt = 0; attempt < 6; attempt++) {
    const child = startScript(script, [storage, trace, '30', '10']);
    await child.until('"');
    setTimeout(() => child.process.kill('SIGKILL'), 37 * attempt);
    await child.ended;
  }
  const last = startScript(script, [storage, trace, '30', '10']);
  assert.equal(await last.ended, 0);
  const artifact = await new ArtifactStore(storage).verify(fingerprint(stage));
  assert.equal(artifact?.manifest.files.length, 30);
});
