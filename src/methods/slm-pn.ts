/**
 * SLM-pn (paper section 2.5; "hyper-network" in its first version): the projected network. k experts, one a cluster,
 * are trained jointly; the feed-forward matrices of expert i in layer l are
 *
 *     W^(l,i) = sum_q sum_r E_iq M^(l)_qr T^(l)_r,
 *
 * everything else is shared. The network is generic work. For a domain it is projected to the plain small model of the
 * domain's most frequent cluster, of its whole histogram, or of the vector that fits the in-domain set best (both ours: our defaults),
 * and all weights of that are fine-tuned. A small model that was
 * given is the slab that all experts have in common.
 */
import { pretrainedMethod } from './method.ts';
import { pretrainProjectedStage } from './stages/pretrain-projected.ts';
import { projectStage } from './stages/project.ts';
import { METHOD_TITLES } from './titles.ts';

export const slmPn = pretrainedMethod(
  { id: 'slm-pn', title: METHOD_TITLES['slm-pn'], trains: ['small', 'projected'], selectsGeneric: 'once' },
  (stages, point) => {
    const clustering = stages.clusters(stages.inputs.plan.projection.clusters, point.seed);
    const network = pretrainProjectedStage(stages.inputs, clustering, point);
    const histogram = stages.histogram(clustering, point);
    return projectStage(stages.inputs, network, {
      histogram,
      set: { tokens: point.domainTokens, seed: point.seed },
    });
  },
);
