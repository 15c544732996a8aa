/** Runs a stage from the descriptions that a plan left: `<storage> <file of descriptions> <fingerprint>`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { loadEngine, parseEngineRequest } from '../../../src/engines/names.ts';
import { chooseEngine } from '../../../src/experiments/estimation/engine-choice.ts';
import { presetPlan } from '../../../src/experiments/estimation/machine.ts';
import { describedStage } from '../../../src/methods/stage-kinds.ts';
import { stageDescriptionSchema } from '../../../src/pipeline/manifest.ts';
import { runStage } from '../../../src/pipeline/runner.ts';
import { ArtifactStore } from '../../../src/pipeline/store.ts';

const [storage, file, id] = process.argv.slice(2);
const all = z.array(stageDescriptionSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
const choice = await chooseEngine(parseEngineRequest('auto'), {
  plan: presetPlan('tiny'),
  model: 'small',
  threads: 1,
});
const engine = (await loadEngine(choice.name, 1)).engine();
const store = new ArtifactStore(storage);
const stage = describedStage(id, new Map(all.map((one) => [one.fingerprint, one])), {
  store,
  threads: 1,
  cacheFile: join(storage, 'cache', 'files.json'),
  engineName: choice.name,
  engine: () => engine,
});
await runStage(stage, {
  store,
  signal: new AbortController().signal,
  onEvent: ({ state, kind }) => console.log(`${state} ${kind}`),
});
await engine.dispose();
