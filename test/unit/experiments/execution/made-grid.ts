/** The grid of an experiment without text or engine: its stages are looked at, not run. */

import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import { type ExperimentStages, experimentStages } from '../../../../src/experiments/execution/grid.ts';
import type { GridPoint } from '../../../../src/experiments/execution/grid-point.ts';
import type { ExperimentPlan } from '../../../../src/methods/experiment-plan.ts';
import { methods } from '../../../../src/methods/registry.ts';
import { fingerprint, type Stage } from '../../../../src/pipeline/stage.ts';
import { ArtifactStore } from '../../../../src/pipeline/store.ts';

const split = { validation: 0.1, heldout: 0.1 };

/** The tiny preset with three budgets and four sizes on one domain. */
export const madePlan: ExperimentPlan = {
  ...presetPlan('tiny'),
  domains: [{ name: 'letters', role: 'domain', sources: [], labelsFile: undefined, split }],
  pretraining: { budgets: [65_536, 131_072, 262_144], batchTokens: 1024 },
  fineTuning: { ...presetPlan('tiny').fineTuning, domainTokens: [2048, 4096, 8192, 'all'] },
  seeds: [1],
};

/** A plan whose small model was given: grouped queries, an own head and stretched positions. */
export const givenPlan = {
  models: {
    ...madePlan.models,
    small: {
      ...madePlan.models.small,
      variant: {
        keyValueHeads: 1,
        headSize: 32,
        tied: false,
        normEpsilon: 1e-6,
        rotaryBase: 50_000,
        rotaryScaling: {
          kind: 'llama3',
          factor: 8,
          lowFrequencyFactor: 1,
          highFrequencyFactor: 4,
          originalContext: 64,
        },
        vocabulary: 300,
        positions: 512,
      },
    },
  },
  from: { small: { folder: '/models/given', content: 'c0ffee', tokenizer: 'beef', flops: 1e15 } },
} satisfies Partial<ExperimentPlan>;

const services = {
  store: new ArtifactStore('nowhere'),
  threads: 1,
  cacheFile: 'nowhere',
  engineName: 'none',
  engine: () => {
    throw new Error('A grid computes nothing.');
  },
};

/** `trainingTokens`: those of the domain of `madePlan`, once they are counted. */
export function gridOf(
  ids: readonly string[],
  changes: Partial<ExperimentPlan> = {},
  trainingTokens?: number,
): readonly GridPoint[] {
  return stagesOf(ids, changes, trainingTokens).points;
}

/** The same, with the stages of the text. */
export function stagesOf(
  ids: readonly string[],
  changes: Partial<ExperimentPlan> = {},
  trainingTokens?: number,
): ExperimentStages {
  const plan = { ...madePlan, ...changes };
  const chosen = methods.filter(({ id }) => ids.includes(id));
  const contents = { generic: 'generic text', domains: plan.domains.map(({ name }) => `text of ${name}`) };
  const counted = new Map(trainingTokens === undefined ? [] : [['letters', trainingTokens]]);
  return experimentStages(plan, chosen, { contents, trainingTokens: counted }, services);
}

/** A stage and all before it, each once. */
export function upstream(stage: Stage, found = new Map<string, Stage>()): readonly Stage[] {
  const id = fingerprint(stage);
  if (!found.has(id)) {
    found.set(id, stage);
    for (const input of Object.values(stage.inputs)) upstream(input, found);
  }
  return [...found.values()];
}

/** The parameters of the stages of a kind behind a point's model. */
export function parametersOf(point: GridPoint, kind: string): readonly Stage['parameters'][] {
  return upstream(point.model)
    .filter((stage) => stage.kind === kind)
    .map(({ parameters }) => parameters);
}
