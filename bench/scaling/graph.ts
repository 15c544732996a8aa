/** The stages of an experiment without text, and what is forecast of them: nothing is read, nothing computed. */
import { deviceTasks } from '../../src/experiments/estimation/device-forecast.ts';
import { stageWork } from '../../src/experiments/estimation/forecast.ts';
import type { Task } from '../../src/experiments/estimation/schedule.ts';
import type { ForecastFacts, SplitTokens, StageWork } from '../../src/experiments/estimation/stage-work.ts';
import { experimentStages, experimentTargets, namedCorpora } from '../../src/experiments/execution/grid.ts';
import { estimatedBytesPerToken } from '../../src/experiments/proposal/token-estimate.ts';
import { methods as allMethods } from '../../src/methods/registry.ts';
import { fingerprint, type Stage } from '../../src/pipeline/stage.ts';
import { ArtifactStore } from '../../src/pipeline/store.ts';
import type { Case } from './cases.ts';

export interface CaseGraph {
  /** Each once, inputs before what is made from them. */
  readonly stages: readonly Stage[];
  readonly works: ReadonlyMap<string, StageWork>;
  /** Of the stages that read a corpus or make its tokens, by fingerprint. */
  readonly tokens: ReadonlyMap<string, SplitTokens>;
  readonly bytesPerToken: number;
}

const services = {
  store: new ArtifactStore('nowhere'),
  threads: 1,
  cacheFile: 'nowhere',
  engineName: 'none',
  engine: () => {
    throw new Error('Stages are counted here, not computed.');
  },
};

export function caseGraph({ plan, methods, genericTokens, domainTokens }: Case): CaseGraph {
  const made = experimentStages(
    plan,
    allMethods.filter(({ id }) => methods.includes(id)),
    {
      contents: { generic: 'generic', domains: plan.domains.map(({ name }) => name) },
      trainingTokens: new Map(),
    },
    services,
  );
  const tokens = new Map<string, SplitTokens>();
  for (const [i, corpus] of namedCorpora(made).entries()) {
    const all = i === 0 ? genericTokens : domainTokens;
    const split = { train: 0.98 * all, validation: 0.01 * all, heldout: 0.01 * all };
    for (const stage of [corpus.corpus, corpus.tokens]) tokens.set(fingerprint(stage), split);
  }
  const facts: ForecastFacts = {
    vocabulary: plan.vocabulary,
    bytesPerToken: estimatedBytesPerToken(plan.vocabulary),
    tokensOf: (stage) => tokens.get(fingerprint(stage)) ?? { train: 0, validation: 0, heldout: 0 },
  };
  const stages = inOrder(experimentTargets(made));
  const works = new Map<string, StageWork>();
  for (const stage of stages) {
    const work = stageWork(stage, facts);
    if (work !== undefined) works.set(fingerprint(stage), work);
  }
  return { stages, works, tokens, bytesPerToken: facts.bytesPerToken };
}

/** The stages as what a device has to do, at a rate. */
export function caseTasks({ stages, works }: CaseGraph, flopsPerSecond: number): readonly Task[] {
  const planned = stages.map((stage) => ({
    stage,
    fingerprint: fingerprint(stage),
    state: 'to compute' as const,
  }));
  return deviceTasks(planned, works, flopsPerSecond);
}

export function inOrder(targets: readonly Stage[]): readonly Stage[] {
  const seen = new Set<string>();
  const ordered: Stage[] = [];
  const visit = (stage: Stage): void => {
    const id = fingerprint(stage);
    if (seen.has(id)) return;
    seen.add(id);
    for (const input of Object.values(stage.inputs)) visit(input);
    ordered.push(stage);
  };
  for (const target of targets) visit(target);
  return ordered;
}
