/** A stage is run in another process, from its description alone. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readExperiment } from '../../../src/experiments/config/configuration.ts';
import { experimentTargets } from '../../../src/experiments/execution/grid.ts';
import { prepareExperiment } from '../../../src/experiments/execution/prepare.ts';
import { describe } from '../../../src/pipeline/runner.ts';
import { fingerprint } from '../../../src/pipeline/stage.ts';
import { upstream } from '../../unit/experiments/execution/made-grid.ts';
import { finishedWorkspace, outcomes } from '../cli/micro.ts';
import { startScript } from './processes.ts';

test('from descriptions in a file, another process computes what is missing of a model, to the same bits', async (t) => {
  const folder = await finishedWorkspace(t);
  const storage = join(folder, '.parlance', 'storage');
  const experiment = await readExperiment(join(folder, 'parlance.json'));
  const { signal } = new AbortController();
  const prepared = await prepareExperiment(experiment, {
    storage,
    threads: 1,
    version: '0',
    command: '',
    signal,
  });
  t.after(() => prepared.dispose());
  const all = new Map(
    experimentTargets(prepared.stages)
      .flatMap((target) => upstream(target))
      .map((stage) => [fingerprint(stage), stage]),
  );
  const descriptions = join(folder, 'descriptions.json');
  await writeFile(descriptions, JSON.stringify([...all.values()].map(describe)));
  const evaluation = prepared.stages.points.find(({ method }) => method.id === 'slm')?.evaluation;
  assert.ok(evaluation !== undefined);
  const before = await outcomes(storage);
  const lost = [evaluation, evaluation.inputs.model, evaluation.inputs.model.inputs.pretrained];
  for (const one of lost) await rm(join(storage, 'artifacts', fingerprint(one)), { recursive: true });
  const child = startScript(new URL('described.child.ts', import.meta.url), [
    storage,
    descriptions,
    fingerprint(evaluation),
  ]);
  assert.equal(await child.ended, 0);
  assert.deepEqual(
    child.lines.filter((line) => line.startsWith('finished')),
    ['finished pretrain', 'finished fine-tune', 'finished evaluate'],
  );
  assert.deepEqual(await outcomes(storage), before);
});
