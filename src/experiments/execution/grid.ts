/**
 * The grid of an experiment: which models are trained and measured. The frame of the rectangle of budgets and in-domain
 * sizes: every size with the largest budget, every budget with the largest size (of which an answer speaks) and with the
 * smallest (where pretraining matters most). So a smaller budget is answered for by what was measured, and what lies
 * inside of the frame can be interpolated. Where another size is another pretraining (slm-is, or any method with
 * in-domain text mixed in), smaller budgets are paid for at the largest size alone. `points` are measured besides.
 * docs/decisions/grid.md has what was weighed.
 */

import { GraphError } from '../../common/errors.ts';
import type { Json } from '../../common/json.ts';
import type { ExperimentPlan } from '../../methods/experiment-plan.ts';
import {
  type Method,
  type MethodStages,
  methodStages,
  needsGeneric,
  type Point,
} from '../../methods/method.ts';
import { contaminationStage } from '../../methods/stages/contamination.ts';
import { corpusStage, tokenizerStage, tokensStage } from '../../methods/stages/corpora.ts';
import { evaluateStage, evaluateUntrainedStage } from '../../methods/stages/evaluate.ts';
import { givenModelStages, givenTokenizerStage } from '../../methods/stages/given-model.ts';
import type { MethodInputs } from '../../methods/stages/method-inputs.ts';
import type { StageServices } from '../../methods/stages/services.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import { domainPretrainings } from './domain-pretrainings.ts';
import type { GridPoint } from './grid-point.ts';

export interface ExperimentStages {
  /** Absent where there is only in-domain text. */
  readonly generic?: CorpusStages;
  readonly domains: readonly DomainStages[];
  readonly tokenizer: Stage;
  readonly points: readonly GridPoint[];
}

export interface CorpusStages {
  readonly corpus: Stage;
  readonly tokens: Stage;
}

export interface DomainStages extends CorpusStages {
  readonly name: string;
  /** The domain's text against the generic corpus, where there is one. */
  readonly contamination?: Stage;
}

/** The corpora with their names, the generic one first, where there is one. */
export function namedCorpora({
  generic,
  domains,
}: Pick<ExperimentStages, 'generic' | 'domains'>): readonly (CorpusStages & { readonly name: string })[] {
  return [...(generic === undefined ? [] : [{ name: 'generic', ...generic }]), ...domains];
}

/** All text, read, compared and in tokens. */
export function textStages(stages: ExperimentStages): Stage[] {
  const corpora = namedCorpora(stages);
  return [
    ...corpora.map(({ corpus }) => corpus),
    // Before any training: it may leave nothing to measure on.
    ...stages.domains.flatMap(({ contamination }) => contamination ?? []),
    ...corpora.map(({ tokens }) => tokens),
  ];
}

/** What a run computes: all text first, because a report tells of it, then the points in their order. */
export function experimentTargets(stages: ExperimentStages): Stage[] {
  return [
    ...textStages(stages),
    ...stages.points.flatMap(({ untrained, model, evaluation, imported }) =>
      [untrained, imported ? undefined : model, evaluation].filter((stage) => stage !== undefined),
    ),
  ];
}

/** What is known of the text before a run. */
export interface KnownText {
  /** Fingerprints of the corpora: the generic one's, and each domain's. */
  readonly contents: { readonly generic?: Json; readonly domains: readonly Json[] };
  /**
   * Of the domains by name, as far as they are known: a size that is not below them is the same as all of them, and
   * left out.
   */
  readonly trainingTokens: ReadonlyMap<string, number>;
}

export function experimentStages(
  plan: ExperimentPlan,
  methods: readonly Method[],
  { contents, trainingTokens }: KnownText,
  services: StageServices,
): ExperimentStages {
  const genericCorpus =
    plan.generic && contents.generic !== undefined
      ? corpusStage(plan.generic, contents.generic, services)
      : undefined;
  const domainCorpora = plan.domains.map((one, i) => corpusStage(one, contents.domains[i], services));
  const tokenizer =
    givenTokenizerStage(plan.from, services) ??
    tokenizerStage(genericCorpus === undefined ? domainCorpora : [genericCorpus], plan.vocabulary, services);
  const from = givenModelStages(plan, tokenizer, services);
  const generic = genericCorpus && {
    corpus: genericCorpus,
    tokens: tokensStage(genericCorpus, tokenizer, services),
  };
  const domains = domainCorpora.map(
    (corpus, i): DomainStages => ({
      name: plan.domains[i].name,
      corpus,
      tokens: tokensStage(corpus, tokenizer, services),
      ...(genericCorpus && { contamination: contaminationStage(corpus, genericCorpus, services) }),
    }),
  );
  const points = domains.flatMap(({ name, corpus, tokens, contamination }) => {
    const domain = { name, tokens };
    const own = withSizesBelow(plan, trainingTokens.get(name));
    const given: MethodInputs = {
      plan: own,
      tokenizer,
      from,
      domain,
      services,
      get generic() {
        if (generic !== undefined) return generic.tokens;
        throw new GraphError('There is no generic text.', 'Ask whether a method needs it (relations.ts).');
      },
    };
    const stages = methodStages(given);
    return plan.seeds.flatMap((seed) =>
      methods.flatMap((method) =>
        methodPoints(own, method, stages, seed).map(({ phase, point, model }): GridPoint => {
          const inputs = {
            plan,
            corpus,
            tokens,
            generic: generic?.tokens,
            contamination,
            domain: name,
            services,
          };
          return {
            domain: name,
            method,
            point,
            phase,
            model,
            evaluation: evaluateStage(inputs, model, method.model),
            ...(!isMadeFrom(model, from[method.model]) && {
              untrained: evaluateUntrainedStage(inputs, method.model, point.seed),
            }),
          };
        }),
      ),
    );
  });
  return { ...(generic && { generic }), domains, tokenizer, points };
}

function isMadeFrom(model: Stage, given: Stage | undefined): boolean {
  if (given === undefined) return false;
  const wanted = fingerprint(given);
  return (
    fingerprint(model) === wanted || Object.values(model.inputs).some((input) => isMadeFrom(input, given))
  );
}

/** In-domain sizes that are not below all the text of a domain, which stands for them. */
export function sizesLeftOut(
  { fineTuning }: Pick<ExperimentPlan, 'fineTuning'>,
  tokens: number,
): readonly number[] {
  return fineTuning.domainTokens.flatMap((size) => (size === 'all' || size < tokens ? [] : [size]));
}

/** A size that is not below all the text of a domain is all of it. */
function withSizesBelow(plan: ExperimentPlan, tokens: number | undefined): ExperimentPlan {
  if (tokens === undefined) return plan;
  const { fineTuning } = plan;
  const leftOut = new Set<number | 'all'>(sizesLeftOut(plan, tokens));
  const domainTokens = fineTuning.domainTokens.filter((size) => !leftOut.has(size));
  const points = plan.points.map((point) =>
    point.domainTokens !== 'all' && point.domainTokens >= tokens
      ? { ...point, domainTokens: 'all' as const }
      : point,
  );
  return { ...plan, points, fineTuning: { ...fineTuning, domainTokens } };
}

/**
 * Where a method is measured, each point once. The smallest budget with the largest size comes first: that is an answer as
 * soon as one can be had. The largest budget with it is next: if the work is stopped early, the most telling results are
 * there. Models before fine-tuning are there by then and come last.
 */
function methodPoints(
  plan: ExperimentPlan,
  method: Method,
  stages: MethodStages,
  seed: number,
): Pick<GridPoint, 'phase' | 'point' | 'model'>[] {
  const { pretrained } = method;
  const points = places(plan, method, stages, seed);
  const tuned = points.map((point) => ({
    phase: 'after fine-tuning' as const,
    point,
    model: method.specialized(stages, point),
  }));
  if (pretrained === undefined) return tuned;
  const models = new Map<string, GridPoint['point']>();
  for (const point of points.toReversed()) models.set(fingerprint(pretrained(stages, point)), point);
  const untuned = [...models.values()].map((point) => ({
    phase: 'before fine-tuning' as const,
    point,
    model: pretrained(stages, point),
  }));
  return [...tuned, ...untuned];
}

function places(plan: ExperimentPlan, method: Method, stages: MethodStages, seed: number): Point[] {
  const { pretraining, fineTuning, points: others } = plan;
  const { pretrained } = method;
  const paysBudget = needsGeneric(method, plan);
  const sizes = fineTuning.domainTokens.toReversed();
  const [largestSize] = sizes;
  const smallestSize = sizes[sizes.length - 1];
  const [largest, ...lower] = paysBudget ? pretraining.budgets.toReversed() : [0];
  const at = (budget: number, domainTokens: number | 'all'): Point => ({ seed, budget, domainTokens });
  const paysPerSize =
    pretrained !== undefined && domainPretrainings(pretrained(stages, at(largest, largestSize))).size > 0;
  const all = [
    at(lower.at(-1) ?? largest, largestSize),
    ...sizes.map((size) => at(largest, size)),
    ...lower.map((budget) => at(budget, largestSize)),
    ...(paysPerSize ? [] : lower.map((budget) => at(budget, smallestSize))),
    ...others.map((one) => at(paysBudget ? one.pretraining : 0, one.domainTokens)),
  ];
  return [...new Map(all.map((point) => [`${point.budget} ${point.domainTokens}`, point])).values()];
}
