/**
 * Domains of an experiment that nothing was measured on: how their windows spread over clusters that earlier runs made
 * (advice on a new domain, results/likeness.ts). Their text is read and compared with the centres; nothing is trained,
 * and no clusters are made.
 */
import { InputError } from '../../common/errors.ts';
import { runStage } from '../../pipeline/runner.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
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

/** `measured`: names of the others. */
export async function unmeasuredDomains(
  { stages, services: { store } }: PreparedExperiment,
  measured: ReadonlySet<string>,
  { signal }: Pick<ExperimentEnvironment, 'signal'>,
): Promise<readonly UnmeasuredDomain[]> {
  const found: UnmeasuredDomain[] = [];
  for (const { name } of stages.domains) {
    if (measured.has(name)) continue;
    const points = stages.points.filter(({ domain }) => domain === name);
    try {
      for (const stage of await largestSets(points, store)) {
        await runStage(stage, { store, signal, onEvent: () => undefined });
      }
      const [histograms] = await collectSelections(points, store);
      found.push({ name, ...(histograms && { histograms }) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      found.push({ name, problem: error.message });
    }
  }
  return found;
}

/** The histograms of the largest in-domain set over clusters that are there. */
async function largestSets(points: readonly GridPoint[], store: ArtifactStore): Promise<readonly Stage[]> {
  // The grid begins with the largest set.
  const largest = points.filter(({ point }) => point.domainTokens === points[0].point.domainTokens);
  const seen = new Set<string>();
  const stages: Stage[] = [];
  for (const { model } of largest) {
    for (const [, stage] of upstream(model, seen)) {
      if (stage.kind !== 'histogram') continue;
      const clustering = await store.open(fingerprint(stage.inputs.clustering));
      if (clustering !== undefined) stages.push(stage);
    }
  }
  return stages;
}
