/** How many tokens a domain has: counted where it is tokenized, else estimated from the sizes of its files. */
import { CorruptionError } from '../common/errors.ts';
import { listFiles } from '../corpus/sources.ts';
import type { CorpusSpecification } from '../corpus/specification.ts';
import { TokenStore } from '../corpus/token-store.ts';
import { plan as planStages } from '../pipeline/plan.ts';
import { fingerprint, type Stage } from '../pipeline/stage.ts';
import type { ArtifactStore } from '../pipeline/store.ts';
import { type DomainTokens, type StageWork, stageWork } from './forecast.ts';
import { experimentTargets } from './grid.ts';
import type { PreparedExperiment } from './run.ts';
import { estimatedBytesPerToken } from './token-estimate.ts';

export interface DomainSize extends DomainTokens {
  readonly source: 'counted' | 'estimated';
}

/** Reads only the token store's index, or the list of files. */
export async function domainSize(
  specification: CorpusSpecification,
  tokens: Stage,
  vocabulary: number,
  store: ArtifactStore,
): Promise<DomainSize> {
  const counted = await countedSize(tokens, store);
  if (counted !== undefined) return counted;
  const { files } = await listFiles(specification.sources);
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const all = bytes / estimatedBytesPerToken(vocabulary);
  const { heldout, validation } = specification.split;
  const round = (share: number) => Math.round(all * share);
  return { train: round(1 - heldout - validation), heldout: round(heldout), source: 'estimated' };
}

async function countedSize(tokens: Stage, store: ArtifactStore): Promise<DomainSize | undefined> {
  try {
    const artifact = await store.open(fingerprint(tokens));
    if (artifact === undefined) return undefined;
    const opened = await TokenStore.open(artifact.directory);
    const size = { train: opened.totals('train').tokens, heldout: opened.totals('heldout').tokens };
    opened.close();
    return { ...size, source: 'counted' };
  } catch (error) {
    if (error instanceof CorruptionError) return undefined;
    throw error;
  }
}

/** The work of every stage that trains or evaluates a model, by fingerprint, and the domains' sizes behind it. */
export async function experimentWork({
  experiment: { plan },
  stages,
  services: { store },
}: PreparedExperiment): Promise<{ works: Map<string, StageWork>; sizes: Map<string, DomainSize> }> {
  const sizes = new Map<string, DomainSize>();
  for (const [i, { tokens }] of stages.domains.entries()) {
    sizes.set(fingerprint(tokens), await domainSize(plan.domains[i], tokens, plan.vocabulary, store));
  }
  const tokensOf = (tokens: Stage): DomainTokens =>
    sizes.get(fingerprint(tokens)) ?? { train: 0, heldout: 0 };
  const works = new Map<string, StageWork>();
  for (const { stage, fingerprint: id } of await planStages(experimentTargets(stages), store)) {
    const work = stageWork(stage, plan.vocabulary, tokensOf);
    if (work !== undefined) works.set(id, work);
  }
  return { works, sizes };
}

/** Floating-point operations of the stages that are to be computed. */
export async function predictWork(
  prepared: PreparedExperiment,
  toCompute: ReadonlySet<string>,
): Promise<Map<string, { readonly expected: number; readonly maximum: number }>> {
  const { works } = await experimentWork(prepared);
  const predicted = [...works].filter(([id]) => toCompute.has(id));
  return new Map(
    predicted.map(([id, { flopsPerToken, expectedTokens, maximumTokens }]) => [
      id,
      { expected: expectedTokens * flopsPerToken, maximum: maximumTokens * flopsPerToken },
    ]),
  );
}
