/**
 * A method is a recipe: which stages lead from text to one model. It is written over `MethodStages`, the kinds of
 * work that methods share; a stage of its own stands in its own file. Stages with one fingerprint are computed once,
 * whichever method asks.
 */
import type { Stage } from '../pipeline/stage.ts';
import type { MixturePlan, ModelName, TrainedNetwork } from './experiment-plan.ts';
import { type FineTuningRequest, fineTuneStage } from './stages/fine-tune.ts';
import type { MethodInputs } from './stages/method-inputs.ts';
import { type PretrainingRequest, pretrainStage } from './stages/pretrain.ts';
import { clusteringStage, histogramStage } from './stages/selection/clustering.ts';

/** One point of an experiment's grid. */
export interface Point {
  readonly seed: number;
  /** Tokens of the pretraining budget; 0 without pretraining. */
  readonly budget: number;
  /** The in-domain training set as it is asked for, in tokens. */
  readonly domainTokens: number | 'all';
}

export interface MethodStages {
  readonly inputs: MethodInputs;
  pretrain(request: PretrainingRequest): Stage;
  fineTune(request: FineTuningRequest): Stage;
  /** The generic windows in so many clusters, by a seed's k-means. */
  clusters(count: number, seed: number): Stage;
  /** The windows of a point's in-domain training set over a clustering. */
  histogram(clustering: Stage, point: Pick<Point, 'seed' | 'domainTokens'>): Stage;
}

export interface Method {
  readonly id: string;
  /** For people, for example `Pretrained on generic text`. */
  readonly title: string;
  /** The model that is served in the end. */
  readonly model: ModelName;
  /** All that is trained on the way, the served model included. */
  readonly trains: readonly TrainedNetwork[];
  /**
   * When it chooses or clusters generic text, if it does; other pretrainings are not needed where a model was given. For each
   * domain: that text is needed when a domain arrives.
   */
  readonly selectsGeneric: false | 'once' | 'for each domain';
  /** The model before it is trained on the domain; absent when there is no pretraining. */
  pretrained?(stages: MethodStages, point: Point): Stage;
  /** Whether the specialised model is chosen among several fine-tuned ones, so that `pretrained` need not be its start. */
  choosesTuned?(plan: { readonly mixture: Pick<MixturePlan, 'choice'> }): boolean;
  /** The specialised model. */
  specialized(stages: MethodStages, point: Point): Stage;
}

/** Whether it trains on generic text: all do that pretrain, unless every model that they pretrain was given (`from`). */
export function needsGeneric(
  { pretrained, selectsGeneric, trains }: Pick<Method, 'pretrained' | 'selectsGeneric' | 'trains'>,
  { from }: { readonly from: Readonly<Partial<Record<ModelName, unknown>>> },
): boolean {
  if (pretrained === undefined) return false;
  const models: readonly ModelName[] = ['small', 'large'];
  return selectsGeneric !== false || models.some((name) => trains.includes(name) && from[name] === undefined);
}

export function methodStages(inputs: MethodInputs): MethodStages {
  return {
    inputs,
    pretrain: (request) => pretrainStage(inputs, request),
    fineTune: (request) => fineTuneStage(inputs, request),
    clusters: (count, seed) => clusteringStage(inputs, count, seed),
    histogram: (clustering, { seed, domainTokens }) =>
      histogramStage(inputs, clustering, { tokens: domainTokens, seed }),
  };
}

/** A method that pretrains a small model in its own way and fine-tunes all its weights. */
export function pretrainedMethod(
  facts: Pick<Method, 'id' | 'title' | 'selectsGeneric'> & Partial<Pick<Method, 'trains'>>,
  pretrained: (stages: MethodStages, point: Point) => Stage,
): Method {
  return {
    trains: ['small'],
    ...facts,
    model: 'small',
    pretrained,
    specialized: (stages, point) =>
      stages.fineTune({
        kind: 'full',
        model: 'small',
        ...tuned(point),
        pretrained: pretrained(stages, point),
      }),
  };
}

const tuned = ({ seed, domainTokens }: Point) => ({ seed, domainTokens });
