/** Runs a counting stage over another one and prints the events: `<storage> <trace> <steps> <stepMs>`. */
import { runStage } from '../../../src/pipeline/runner.ts';
import { ArtifactStore } from '../../../src/pipeline/store.ts';
import { twoStages } from './two-stages.ts';

const [storage, trace, steps, stepMs] = process.argv.slice(2);
await runStage(twoStages(trace, Number(steps), Number(stepMs)), {
  store: new ArtifactStore(storage),
  signal: new AbortController().signal,
  onEvent: (event) => console.log(JSON.stringify(event)),
});
