/** Begins a run in `<storage>`, prints its id, and logs until it is killed. */
import { createRun } from '../../../src/experiments/runs/run-writer.ts';

const run = await createRun(process.argv[2], {
  title: 'killed',
  configuration: {},
  seeds: [1],
  versions: { parlance: '0', node: '20', engine: 'none', platform: 'any', processor: 'any', threads: 1 },
  corpora: {},
  methods: [],
  engine: 'auto',
});
console.log(run.record.id);
for (;;) {
  run.append({ type: 'plan', fingerprints: ['x'.repeat(5000)], stages: [] });
  await new Promise((resolve) => setImmediate(resolve));
}
