/**
 * SLM-is (paper sections 2.4 and 4.2): pretraining on generic text resampled to look like the domain. With clusters c,
 *
 *     L(D_spec) = sum_c sum_x l(x) P(x|c) P(c|D_spec) = E_(x ~ D_gen)[w(x) l(x)],  w(x) = P(c(x)|D_spec) / P(c(x)|D_gen)
 *
 * if P(x|c) is the same in both corpora. Not weights but a resampled stream realizes it: draw c by P(c|D_spec), then x
 * uniformly in c. Everything but the clustering is paid per domain: C_generic is nearly zero. Each in-domain size has its own
 * histogram, as in the paper, and each budget its own cap on repetition, so every point has a pretraining of its own.
 * In-domain windows are mixed in while the learning rate falls (`decay`), which is ours; a share of 0 is the paper's. With them
 * no list is read from end to end (docs/decisions/decay.md).
 *
 * `slm-is-cont` is the same as continued pretraining (CRISP, arXiv 2410.03735): the stable phase is the generic one
 * that all domains share, and the resampled stream trains while the learning rate falls. Where the paper's chart is empty, at
 * a medium specialization budget, this stands. Where the small model was given, it takes the place of the stable phase, and
 * the whole budget is spent on the resampled stream.
 */
import type { Stage } from '../pipeline/stage.ts';
import type { DecayPlan } from './experiment-plan.ts';
import { type MethodStages, type Point, pretrainedMethod } from './method.ts';
import { type SelectedPart, selectedTokens } from './stages/pretrain.ts';
import { importanceSampleStage } from './stages/selection/importance-sample.ts';
import { METHOD_TITLES } from './titles.ts';

function sample(stages: MethodStages, point: Point, part: SelectedPart): Stage {
  const { plan } = stages.inputs;
  const { seed, budget } = point;
  const clustering = stages.clusters(plan.selection.clusters, seed);
  const histogram = stages.histogram(clustering, point);
  const wantedTokens = selectedTokens(plan, budget, part);
  return importanceSampleStage(stages.inputs, { clustering, histogram }, { wantedTokens, seed });
}

function resampled(stages: MethodStages, point: Point, kind: 'from scratch' | 'continued'): Stage {
  const { plan, from } = stages.inputs;
  // A stable phase of our own is followed by a decay; a model that was given is continued with the whole budget.
  const isDecay = kind === 'continued' && from.small === undefined;
  return stages.pretrain({
    model: 'small',
    ...point,
    windows: {
      kind: 'selected',
      selection: sample(stages, point, isDecay ? 'decay' : 'whole'),
      by: 'importance',
      mixing: kind === 'continued' ? plan.decay : ofWholeList(stages, point),
    },
    branches: kind === 'continued',
  });
}

/**
 * The list is as long as the budget, and what is mixed into it is read with as much of it as the decay reads: a window may
 * stand in it so much more often.
 */
function ofWholeList(stages: MethodStages, { budget }: Point): DecayPlan {
  const { plan } = stages.inputs;
  const [list, read] = (['whole', 'decay'] as const).map((part) => selectedTokens(plan, budget, part));
  const { domainShare, maximumRepetition } = plan.decay;
  return { domainShare, maximumRepetition: Math.round((maximumRepetition * list) / read) };
}

export const slmIs = pretrainedMethod(
  { id: 'slm-is', title: METHOD_TITLES['slm-is'], selectsGeneric: 'for each domain' },
  (stages, point) => resampled(stages, point, 'from scratch'),
);

export const slmIsCont = pretrainedMethod(
  { id: 'slm-is-cont', title: METHOD_TITLES['slm-is-cont'], selectsGeneric: 'for each domain' },
  (stages, point) => resampled(stages, point, 'continued'),
);
