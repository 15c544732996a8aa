/**
 * Collects what selection did from the artifacts behind measured points. The stage graphs are walked from each point's
 * model, each fingerprint once a method; what was cleaned away or is damaged is named instead of failing a report,
 * since what was measured holds without it.
 */
import * as z from 'zod';
import { CorruptionError } from '../../common/errors.ts';
import { readChoice } from '../../methods/stages/choose-expert.ts';
import { readClusterCards, readHistogram } from '../../methods/stages/selection/clustering-files.ts';
import { readSelectionReport } from '../../methods/stages/selection/window-list.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';
import { type ClusterCard, excerpt } from '../../selection/clustering/cluster-cards.ts';
import {
  effectiveClusters,
  entropy,
  histogramOf,
  importanceWeights,
  modalCluster,
  modalShare,
  tiedClusters,
  totalVariation,
  uncoveredShare,
} from '../../selection/clustering/histogram.ts';
import { NUMBER_TERM } from '../../selection/embedding/terms.ts';
import { dsirReportSchema } from '../../selection/sampling/dsir.ts';
import { samplingReportSchema } from '../../selection/sampling/importance-sampling.ts';
import type { GridPoint } from '../execution/grid-point.ts';
import type {
  CardFacts,
  ChoiceFacts,
  DrawFacts,
  HistogramFacts,
  NgramSelectionFacts,
  SelectionFacts,
} from './selection-facts.ts';

/** Limits of what a report takes over of the cards: clusters of a histogram, and characters of a window. */
const CARDS = 12;
const EXCERPT_CHARACTERS = 200;

type MeasuredPoint = Pick<GridPoint, 'domain' | 'method' | 'point' | 'model'>;

/** A stage, the first point that led to it, and the methods and pretraining budgets that use it. */
interface Found {
  readonly fingerprint: string;
  readonly stage: Stage;
  readonly point: GridPoint['point'];
  readonly methods: string[];
  readonly budgets: Set<number>;
}

/** One entry a domain that anything was selected for, in the order of the points. */
export async function collectSelections(
  points: readonly MeasuredPoint[],
  store: ArtifactStore,
): Promise<SelectionFacts[]> {
  const selections: SelectionFacts[] = [];
  for (const domain of new Set(points.map((point) => point.domain))) {
    const found = selectionStages(points.filter((point) => point.domain === domain));
    if (found.length > 0) selections.push(await new Collector(store).collect(domain, found));
  }
  return selections;
}

const SELECTION_KINDS = new Set(['histogram', 'importance-sample', 'ngram-selection', 'choose-expert']);

/** The stages behind the models that selected something, each fingerprint once. */
function selectionStages(points: readonly MeasuredPoint[]): readonly Found[] {
  const found = new Map<string, Found>();
  const seenBy = new Map<string, Set<string>>();
  for (const { method, point, model } of points) {
    const seen = seenBy.get(method.id) ?? new Set();
    seenBy.set(method.id, seen);
    for (const [id, stage] of upstream(model, seen)) {
      if (!SELECTION_KINDS.has(stage.kind)) continue;
      const known = found.get(id) ?? { fingerprint: id, stage, point, methods: [], budgets: new Set() };
      known.methods.push(method.id);
      known.budgets.add(point.budget);
      found.set(id, known);
    }
  }
  return [...found.values()];
}

/** The stage and all before it that were not seen yet, inputs first. */
export function* upstream(stage: Stage, seen: Set<string>): Generator<readonly [string, Stage]> {
  const id = fingerprint(stage);
  if (seen.has(id)) return;
  seen.add(id);
  for (const input of Object.values(stage.inputs)) yield* upstream(input, seen);
  yield [id, stage];
}

class Collector {
  readonly #store: ArtifactStore;
  readonly #unread: string[] = [];

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  async collect(domain: string, found: readonly Found[]): Promise<SelectionFacts> {
    const facts = {
      domain,
      histograms: await this.#each(found, 'histogram', (one) => this.#histogram(one)),
      draws: await this.#each(found, 'importance-sample', (one) => this.#draw(one)),
      ngramSelections: await this.#each(found, 'ngram-selection', (one) => this.#ngramSelection(one)),
      choices: await this.#each(found, 'choose-expert', (one) => this.#choice(one)),
    };
    return { ...facts, unread: this.#unread };
  }

  /** The facts of the stages of a kind, but for those that cannot be read. */
  async #each<Facts>(
    found: readonly Found[],
    kind: string,
    read: (one: Found) => Promise<Facts | undefined>,
  ): Promise<Facts[]> {
    const all: Facts[] = [];
    for (const one of found.filter(({ stage }) => stage.kind === kind)) {
      const facts = await unlessDamaged(() => read(one));
      if (facts === undefined) this.#unread.push(one.stage.label);
      else all.push(facts);
    }
    return all;
  }

  async #histogram({ stage, ...source }: Found): Promise<HistogramFacts | undefined> {
    const directory = await this.#directory(stage);
    const cards = await this.#cards(stage.inputs.clustering);
    if (directory === undefined || cards === undefined) return undefined;
    const domain = await readHistogram(directory);
    const generic = histogramOf(Float64Array.from(cards, ({ windows }) => windows));
    return {
      ...sourceOf(source),
      clusters: cards.length,
      domainWindows: domain.total,
      genericWindows: generic.total,
      entropy: entropy(domain.shares),
      effectiveClusters: effectiveClusters(domain.shares),
      modalCluster: modalCluster(domain.shares),
      tiedClusters: tiedClusters(domain.shares),
      modalShare: modalShare(domain.shares),
      uncoveredShare: uncoveredShare(domain.shares, generic.shares),
      domainShares: [...domain.shares],
      genericShares: [...generic.shares],
      weights: [...importanceWeights(domain.shares, generic.shares).weights],
      cards: mostOf(domain.shares).map((cluster) => cardFacts(cards[cluster])),
    };
  }

  async #draw({ stage, ...source }: Found): Promise<DrawFacts | undefined> {
    const report = await this.#report(stage, samplingReportSchema);
    if (report === undefined) return undefined;
    const { asked, used, ...drawn } = report;
    return {
      ...windowSourceOf(source),
      clusters: asked.shares.length,
      change: totalVariation(Float64Array.from(asked.shares), Float64Array.from(used.shares)),
      ...drawn,
    };
  }

  async #ngramSelection({ stage, ...source }: Found): Promise<NgramSelectionFacts | undefined> {
    const report = await this.#report(stage, dsirReportSchema);
    return report === undefined ? undefined : { ...windowSourceOf(source), ...report };
  }

  async #choice({ stage, ...source }: Found): Promise<ChoiceFacts | undefined> {
    const directory = await this.#directory(stage);
    if (directory === undefined) return undefined;
    const { expert, tied, losses } = await readChoice(directory);
    const { rule } = z.object({ rule: z.string() }).parse(stage.parameters);
    return {
      ...sourceOf(source),
      rule,
      pretrainingTokens: source.point.budget,
      expert,
      tied,
      experts: Object.keys(stage.inputs).filter((role) => role.startsWith('expert')).length,
      ...(losses === undefined ? {} : { losses }),
      terms: await this.#termsBehind(stage, expert),
    };
  }

  /** Terms of a cluster of the clustering that the stage's experts were made from. */
  async #termsBehind(stage: Stage, cluster: number): Promise<readonly string[]> {
    const clustering = [...upstream(stage, new Set())].find(([, { kind }]) => kind === 'clustering');
    const cards = clustering && (await unlessDamaged(() => this.#cards(clustering[1])));
    return cards === undefined ? [] : cardFacts(cards[cluster]).terms;
  }

  async #cards(clustering: Stage): Promise<ClusterCard[] | undefined> {
    const directory = await this.#directory(clustering);
    return directory === undefined ? undefined : readClusterCards(directory);
  }

  async #report<T>(stage: Stage, schema: z.ZodType<T>): Promise<T | undefined> {
    const directory = await this.#directory(stage);
    if (directory === undefined) return undefined;
    return readSelectionReport(directory, schema);
  }

  async #directory(stage: Stage): Promise<string | undefined> {
    return (await this.#store.open(fingerprint(stage)))?.directory;
  }
}

/** What was read, or `undefined` when it is damaged. */
async function unlessDamaged<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    // The store checks large files by their size only, so that damaged ones can come as far as here.
    if (error instanceof CorruptionError) return undefined;
    throw error;
  }
}

function sourceOf({ fingerprint: id, methods, point }: Omit<Found, 'stage'>) {
  const { seed, domainTokens } = point;
  return { fingerprint: id, methods, seed, domainTokens };
}

function windowSourceOf(found: Omit<Found, 'stage'>) {
  return { ...sourceOf(found), budgetTokens: [...found.budgets].sort((a, b) => a - b) };
}

/** The clusters that hold most of the domain, the largest share first. */
function mostOf(shares: Float64Array): number[] {
  return [...shares.keys()]
    .filter((cluster) => shares[cluster] > 0)
    .sort((a, b) => shares[b] - shares[a])
    .slice(0, CARDS);
}

function cardFacts({ cluster, windows, terms, nearest }: ClusterCard): CardFacts {
  return {
    cluster,
    windows,
    terms: terms.map(({ term }) => term).filter((term) => term !== NUMBER_TERM),
    excerpts: nearest.map(({ text }) => excerpt(text, EXCERPT_CHARACTERS)),
  };
}
