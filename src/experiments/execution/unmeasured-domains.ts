/**
 * Domains of an experiment that nothing was measured on: how their windows spread over clusters that earlier runs made
 * (advice on a new domain, results/likeness.ts). Their text is read and compared with the centres; nothing is trained,
 * and nothing is made of generic text.
 */
import { CorruptionError, InterruptedError, ParlanceError } from '../../common/errors.ts';
import { runStage } from '../../pipeline/runner.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';
import type { DomainHistograms } from '../results/selection-facts.ts';
import { collectSelections, upstream } from '../results/selections.ts';
import type { GridPoint } from './grid-point.ts';
import type { ExperimentEnvironment, PreparedExperiment } from './prepared.ts';

export interface UnmeasuredDomain {
  readonly name: string;
  /** Absent where there are no clusters that its text could be compared with, or `problem`. */
  readonly histograms?: DomainHistograms;
  /** Why its text could not be read. */
  readonly problem?: string;
}

/** `measured`: names of the others. `onEvent` is told of the work on text; failures end in `problem`. */
export async function unmeasuredDomains(
  { stages, services: { store } }: PreparedExperiment,
  measured: ReadonlySet<string>,
  { signal }: Pick<ExperimentEnvironment, 'signal'>,
  onEvent: (event: StageEvent) => void,
): Promise<readonly UnmeasuredDomain[]> {
  const names = stages.domains.map(({ name }) => name).filter((name) => !measured.has(name));
  // With one measured domain there is nothing to weigh.
  if (measured.size < 2) return names.map((name) => ({ name }));
  const found: UnmeasuredDomain[] = [];
  for (const name of names) {
    const points = stages.points.filter(({ domain }) => domain === name);
    try {
      for (const stage of await largestSets(points, store)) await runStage(stage, { store, signal, onEvent });
      const [histograms] = await collectSelections(points, store);
      found.push({ name, ...(histograms && { histograms }) });
    } catch (error) {
      if (!(error instanceof ParlanceError) || error instanceof InterruptedError) throw error;
      found.push({ name, problem: error.message });
    }
  }
  return found;
}

/** The histograms of the largest in-domain set, where all that they need of generic text is there. */
async function largestSets(points: readonly GridPoint[], store: ArtifactStore): Promise<readonly Stage[]> {
  // The grid begins with the largest set.
  const largest = points.filter(({ point }) => point.domainTokens === points[0].point.domainTokens);
  const seen = new Set<string>();
  const stages: Stage[] = [];
  for (const { model } of largest) {
    for (const [, stage] of upstream(model, seen)) {
      if (stage.kind !== 'histogram') continue;
      const { tokens: _own, ...generic } = stage.inputs;
      const there = await Promise.all(Object.values(generic).map((input) => isStored(input, store)));
      if (there.every(Boolean)) stages.push(stage);
    }
  }
  return stages;
}

async function isStored(stage: Stage, store: ArtifactStore): Promise<boolean> {
  try {
    return (await store.open(fingerprint(stage))) !== undefined;
  } catch (error) {
    if (error instanceof CorruptionError) return false;
    throw error;
  }
}
