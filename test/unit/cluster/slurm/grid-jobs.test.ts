/** How many jobs large experiments are. The numbers in docs/cluster.md are what this prints. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arraysOf, jobsOf, MOST_JOBS, type PlannedStage } from '../../../../src/cluster/slurm/job-graph.ts';
import { stageWork } from '../../../../src/experiments/estimation/forecast.ts';
import { experimentTargets, textStages } from '../../../../src/experiments/execution/grid.ts';
import { methods } from '../../../../src/methods/registry.ts';
import { fingerprint, type Stage } from '../../../../src/pipeline/stage.ts';
import { madePlan, stagesOf } from '../../experiments/execution/made-grid.ts';

const experiments = [
  {
    name: 'five methods, two domains, two seeds',
    methods: ['slm-nopt', 'slm', 'slm-is', 'slm-d', 'llm'],
    domains: ['law', 'medicine'],
    seeds: [1, 2],
    least: 200,
  },
  {
    name: 'all methods, three domains, three seeds',
    methods: methods.map(({ id }) => id),
    domains: ['law', 'medicine', 'speech'],
    seeds: [1, 2, 3],
    least: 1000,
  },
];
const nodes = { 'a graphics processor': 1e13, 'some cores': 5e10, 'one slow core': 5e8 };

/** Of a million tokens of each text. */
const facts = {
  vocabulary: madePlan.vocabulary,
  bytesPerToken: 4,
  tokensOf: () => ({ train: 1e6, validation: 1e5, heldout: 1e5 }),
};

function planned(stage: Stage, flopsPerSecond: number): PlannedStage {
  const { kind, label } = stage;
  const work = stageWork(stage, facts);
  return {
    fingerprint: fingerprint(stage),
    kind,
    label,
    inputs: Object.values(stage.inputs).map(fingerprint),
    seconds: work === undefined ? 60 : work.expected / flopsPerSecond,
    bytes: 1e9,
  };
}

/** Adds stages and what they are made from, inputs first. */
function collect(targets: readonly Stage[], found: Map<string, Stage>): void {
  for (const stage of targets) {
    if (found.has(fingerprint(stage))) continue;
    collect(Object.values(stage.inputs), found);
    found.set(fingerprint(stage), stage);
  }
}

for (const { name, methods: ids, domains, seeds, least } of experiments) {
  const stages = stagesOf(ids, {
    domains: domains.map((one) => ({ ...madePlan.domains[0], name: one })),
    seeds,
    pretraining: { ...madePlan.pretraining, budgets: [262_144] },
    fineTuning: { ...madePlan.fineTuning, domainTokens: [2048, 8192, 'all'] },
  });
  const all = new Map<string, Stage>();
  collect(textStages(stages), all);
  const textCount = all.size;
  collect(experimentTargets(stages), all);
  const parts = [[...all.values()].slice(0, textCount), [...all.values()].slice(textCount)];

  for (const [node, flopsPerSecond] of Object.entries(nodes)) {
    test(`${name}: few jobs where a node has ${node}`, (t) => {
      assert.ok(all.size >= least, `${all.size} stages`);
      for (const part of parts) {
        const jobs = jobsOf(part.map((stage) => planned(stage, flopsPerSecond)));
        assert.ok(jobs.length <= MOST_JOBS);
        const calls = arraysOf(jobs).length;
        t.diagnostic(
          `${name}, ${node}: ${part.length} stages, ${jobs.length} jobs, ${calls} calls of sbatch`,
        );
      }
    });
  }
}
