/**
 * The grid of an experiment: which models are trained and measured. Two axes: every pretraining budget with the
 * smallest in-domain set, where pretraining matters most, and every in-domain size with the largest budget.
 */
import type { Json } from '../common/json.ts';
import type { ExperimentPlan } from '../methods/experiment-plan.ts';
import { type Method, methodStages, type Point } from '../methods/method.ts';
import { contaminationStage, corpusStage, tokenizerStage, tokensStage } from '../methods/stages/corpora.ts';
import { evaluateStage } from '../methods/stages/evaluate.ts';
import type { StageMaterial } from '../methods/stages/material.ts';
import type { StageServices } from '../methods/stages/services.ts';
import type { Stage } from '../pipeline/stage.ts';

/** One measurement to come: an evaluation and the model that it evaluates. */
export interface GridPoint {
  readonly domain: string;
  readonly method: Method;
  readonly point: Point;
  readonly phase: 'before fine-tuning' | 'after fine-tuning';
  readonly model: Stage;
  readonly evaluation: Stage;
}

export interface ExperimentStages {
  readonly generic: CorpusStages;
  readonly domains: readonly (CorpusStages & { readonly name: string })[];
  readonly tokenizer: Stage;
  readonly points: readonly GridPoint[];
}

export interface CorpusStages {
  readonly corpus: Stage;
  readonly tokens: Stage;
}

/** What a run computes: all text first, because a report tells of it, then the points in their order. */
export function experimentTargets({ generic, domains, points }: ExperimentStages): Stage[] {
  return [
    ...[generic, ...domains].flatMap(({ corpus, tokens }) => [corpus, tokens]),
    ...points.flatMap(({ model, evaluation }) => [model, evaluation]),
  ];
}

/** `contents` are the corpora's fingerprints: the generic one's, then each domain's. */
export function experimentStages(
  plan: ExperimentPlan,
  methods: readonly Method[],
  contents: { readonly generic: Json; readonly domains: readonly Json[] },
  services: StageServices,
): ExperimentStages {
  const genericCorpus = corpusStage(plan.generic, contents.generic, services);
  const tokenizer = tokenizerStage(genericCorpus, plan.vocabulary);
  const generic = { corpus: genericCorpus, tokens: tokensStage(genericCorpus, tokenizer, services) };
  const domains = plan.domains.map((specification, i) => {
    const corpus = corpusStage(specification, contents.domains[i], services);
    return { name: specification.name, corpus, tokens: tokensStage(corpus, tokenizer, services) };
  });
  const points = domains.flatMap(({ name, corpus, tokens }) => {
    const domain = { name, tokens };
    const material: StageMaterial = { plan, tokenizer, generic: generic.tokens, domain, services };
    const stages = methodStages(material);
    const contamination = contaminationStage(corpus, genericCorpus);
    return plan.seeds.flatMap((seed) =>
      methods.flatMap((method) =>
        methodPoints(plan, method, seed).map(({ phase, point }): GridPoint => {
          const before = phase === 'before fine-tuning' ? method.before : undefined;
          const model = (before ?? method.after)(stages, point);
          const inputs = { plan, corpus, tokens, contamination, domain: name, services };
          return {
            domain: name,
            method,
            point,
            phase,
            model,
            evaluation: evaluateStage(inputs, model, method.model),
          };
        }),
      ),
    );
  });
  return { generic, domains, tokenizer, points };
}

/** The largest budget first: if the work is stopped early, the most telling results are there. */
function methodPoints(
  { pretraining, fineTuning }: ExperimentPlan,
  { before }: Method,
  seed: number,
): Pick<GridPoint, 'phase' | 'point'>[] {
  const [smallest, ...larger] = fineTuning.domainTokens;
  const budgets = before === undefined ? [0] : pretraining.budgets.map((_, i) => i).reverse();
  const [largest, ...lower] = budgets;
  const at = (phase: GridPoint['phase'], budget: number, domainTokens: number | 'all') => ({
    phase,
    point: { seed, budget, domainTokens },
  });
  const after = [
    ...[smallest, ...larger].map((size) => at('after fine-tuning', largest, size)),
    ...lower.map((budget) => at('after fine-tuning', budget, smallest)),
  ];
  if (before === undefined) return after;
  return [...after, ...budgets.map((budget) => at('before fine-tuning', budget, smallest))];
}
