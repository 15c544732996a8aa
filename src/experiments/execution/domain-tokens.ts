/** How many tokens a domain has: counted where it is tokenized, else estimated from the sizes of its files. */
import { CorruptionError } from '../../common/errors.ts';
import { listFiles } from '../../corpus/sources/sources.ts';
import type { CorpusSpecification } from '../../corpus/sources/specification.ts';
import { TokenStore } from '../../corpus/tokens/token-store.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import { modelSize } from '../../methods/stages/training.ts';
import { plan as planStages } from '../../pipeline/plan.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';
import { encoderCost } from '../../selection/embedding/encoder-cost.ts';
import type { PredictedFlops } from '../../selection/predicted-flops.ts';
import { stageWork } from '../estimation/forecast.ts';
import type { ForecastFacts, SplitTokens, StageWork } from '../estimation/stage-work.ts';
import { estimatedBytesPerToken } from '../proposal/token-estimate.ts';
import { experimentTargets } from './grid.ts';
import type { PreparedExperiment } from './prepared.ts';

export interface DomainSize extends SplitTokens {
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
  return {
    train: round(1 - heldout - validation),
    validation: round(validation),
    heldout: round(heldout),
    source: 'estimated',
  };
}

/** `undefined` before the domain is tokenized. */
export async function countedSize(tokens: Stage, store: ArtifactStore): Promise<DomainSize | undefined> {
  try {
    const artifact = await store.open(fingerprint(tokens));
    if (artifact === undefined) return undefined;
    const opened = await TokenStore.open(artifact.directory);
    const [train, validation, heldout] = (['train', 'validation', 'heldout'] as const).map(
      (split) => opened.totals(split).tokens,
    );
    const size = { train, validation, heldout };
    opened.close();
    return { ...size, source: 'counted' };
  } catch (error) {
    if (error instanceof CorruptionError) return undefined;
    throw error;
  }
}

export interface ExperimentWork {
  /** By fingerprint, of every stage that has floating-point operations to count. */
  readonly works: ReadonlyMap<string, StageWork>;
  /** The domains' sizes behind it, in their order. */
  readonly sizes: readonly DomainSize[];
  /** Of the generic corpus, where there is one. */
  readonly genericSize?: DomainSize;
}

export async function experimentWork({
  experiment: { plan },
  stages,
  services: { store },
}: PreparedExperiment): Promise<ExperimentWork> {
  const sizeOf = (specification: CorpusSpecification, tokens: Stage): Promise<DomainSize> =>
    domainSize(specification, tokens, plan.vocabulary, store);
  const sizes: DomainSize[] = [];
  for (const [i, { tokens }] of stages.domains.entries()) sizes.push(await sizeOf(plan.domains[i], tokens));
  const byStage = new Map<string, DomainSize>();
  const genericSize = plan.generic && stages.generic && (await sizeOf(plan.generic, stages.generic.tokens));
  if (genericSize && stages.generic) byStage.set(fingerprint(stages.generic.tokens), genericSize);
  for (const [i, { tokens }] of stages.domains.entries()) byStage.set(fingerprint(tokens), sizes[i]);
  const facts: ForecastFacts = {
    vocabulary: plan.vocabulary,
    bytesPerToken: estimatedBytesPerToken(plan.vocabulary),
    tokensOf: (tokens) => byStage.get(fingerprint(tokens)) ?? { train: 0, validation: 0, heldout: 0 },
    ...(await encoderFacts(plan)),
  };
  const works = new Map<string, StageWork>();
  for (const { stage, fingerprint: id } of await planStages(experimentTargets(stages), store)) {
    const work = stageWork(stage, facts);
    if (work !== undefined) works.set(id, work);
  }
  return { works, sizes, ...(genericSize && { genericSize }) };
}

async function encoderFacts(plan: ExperimentPlan): Promise<Pick<ForecastFacts, 'encoder'>> {
  const { embedding } = plan.selection;
  if (embedding === 'lsi') return {};
  const cost = await encoderCost(embedding.sentenceEncoder);
  return { encoder: { cost, size: modelSize(plan, 'small', plan.vocabulary) } };
}

/**
 * Floating-point operations of the stages that are to be computed and that go at the speed of a model: sparse products
 * are slower by far, and would be taken for slow training.
 */
export async function predictWork(
  prepared: PreparedExperiment,
  toCompute: ReadonlySet<string>,
): Promise<Map<string, PredictedFlops>> {
  const { works } = await experimentWork(prepared);
  return new Map([...works].filter(([id, { size }]) => toCompute.has(id) && size !== undefined));
}
