/**
 * SLM-mix (paper sections 2.5 and 4.3): a hard mixture of experts. One independent small model for each cluster of the
 * generic corpus, trained on that cluster alone; a domain fine-tunes one of them. All experts together are given one
 * pretraining budget, so that methods compare at equal generic cost. With `branching` the experts start from the stable
 * phase of the generic model (c-BTM, arXiv 2303.14177), which cures their cold start; where the small model was given, they start from that.
 *
 * The expert is chosen by one of three rules (table 5): most frequent cluster; lowest loss before fine-tuning; fine-tune
 * all and keep the best on validation, which costs as many fine-tunings as there are experts.
 */

import { formatTokens } from '../common/format.ts';
import type { Stage } from '../pipeline/stage.ts';
import type { Method, MethodStages, Point } from './method.ts';
import {
  bestTunedExpertStage,
  type Experts,
  lowestLossExpertStage,
  modalExpertStage,
} from './stages/choose-expert.ts';
import { METHOD_TITLES } from './titles.ts';

function experts(stages: MethodStages, point: Point): Experts {
  const { experts: count, branching } = stages.inputs.plan.mixture;
  const { seed, budget } = point;
  const clustering = stages.clusters(count, seed);
  const models = Array.from({ length: count }, (_, cluster) =>
    stages.pretrain({
      model: 'small',
      ...point,
      windows: { kind: 'cluster', clustering, cluster },
      share: 1 / count,
      branches: branching,
    }),
  );
  return {
    models,
    name: `${count} small experts, seed ${seed}, ${formatTokens(budget / count)} tokens each`,
  };
}

const setOf = ({ seed, domainTokens }: Point) => ({ tokens: domainTokens, seed });

function chosen(stages: MethodStages, point: Point): Stage {
  const { choice, experts: count } = stages.inputs.plan.mixture;
  const [all, set] = [experts(stages, point), setOf(point)];
  if (choice === 'lowest loss') return lowestLossExpertStage(stages.inputs, all, set);
  const histogram = stages.histogram(stages.clusters(count, point.seed), point);
  return modalExpertStage(stages.inputs, all, set, histogram);
}

const fineTuned = (stages: MethodStages, { seed, domainTokens }: Point, pretrained: Stage): Stage =>
  stages.fineTune({ kind: 'full', model: 'small', seed, domainTokens, pretrained });

const choosesTuned: NonNullable<Method['choosesTuned']> = ({ mixture }) =>
  mixture.choice === 'best fine-tuned';

export const slmMix: Method = {
  id: 'slm-mix',
  title: METHOD_TITLES['slm-mix'],
  model: 'small',
  trains: ['small'],
  selectsGeneric: 'once',
  pretrained: chosen,
  choosesTuned,
  specialized: (stages, point) => {
    if (!choosesTuned(stages.inputs.plan)) return fineTuned(stages, point, chosen(stages, point));
    const { models, name } = experts(stages, point);
    const tuned = models.map((expert) => fineTuned(stages, point, expert));
    return bestTunedExpertStage(stages.inputs, { models: tuned, name }, setOf(point));
  },
};
