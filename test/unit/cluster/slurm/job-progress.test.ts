import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { JobProgress } from '../../../../src/cluster/slurm/job-progress.ts';
import { runStage } from '../../../../src/pipeline/runner.ts';
import type { Stage, StageContext } from '../../../../src/pipeline/stage.ts';
import { bench, stage } from '../../pipeline/fixtures.ts';

/** A stage that is told to stop while it works, after it has saved this, if anything. */
function stopped(saved: string | undefined, stop: () => void): Stage {
  return stage('long', {
    run: async ({ scratch, signal }: StageContext) => {
      if (saved !== undefined) writeFileSync(join(scratch, 'checkpoint'), saved);
      stop();
      signal.throwIfAborted();
    },
  });
}

/** The progress of starts of a job, of which each saves what it is given and is stopped then. */
async function startsOf(
  t: TestContext,
  starts: readonly (string | undefined)[],
): Promise<readonly boolean[]> {
  const { store } = bench(t);
  const fruitless: boolean[] = [];
  for (const saved of starts) {
    const controller = new AbortController();
    const progress = new JobProgress(store);
    const onEvent = progress.onEvent.bind(progress);
    const work = stopped(saved, () => controller.abort());
    await assert.rejects(runStage(work, { store, signal: controller.signal, onEvent }));
    fruitless.push(progress.isFruitless);
  }
  return fruitless;
}

test('a start that saves nothing is fruitless, also after one that did', async (t) => {
  assert.deepEqual(await startsOf(t, [undefined, undefined]), [true, true]);
  assert.deepEqual(await startsOf(t, ['one', 'one and two', undefined]), [false, false, true]);
});

test('a start that makes one of its stages is not, whatever becomes of the next', async (t) => {
  const { store } = bench(t);
  const controller = new AbortController();
  const progress = new JobProgress(store);
  const options = { store, signal: controller.signal, onEvent: progress.onEvent.bind(progress) };
  await runStage(stage('short'), options);
  await assert.rejects(
    runStage(
      stopped(undefined, () => controller.abort()),
      options,
    ),
  );
  assert.equal(progress.isFruitless, false);
});

test('a start that waits for another process is not: it did no work', async (t) => {
  const { store } = bench(t);
  const progress = new JobProgress(store);
  progress.onEvent({ fingerprint: 'aa', kind: 'test', label: 'x', state: 'waiting', pid: 1, host: 'node' });
  assert.equal(progress.isFruitless, false);
});
