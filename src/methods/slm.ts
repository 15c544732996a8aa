/**
 * SLM (paper section 2.2): pretrain the small model on generic text, fine-tune all its weights on the domain. The
 * amount of fine-tuning is set by early stopping. With low-rank factors (appendix F, there of the large model) a domain
 * takes less storage and training less memory.
 */
import { type Method, type MethodStages, type Point, pretrainedMethod } from './method.ts';
import { METHOD_TITLES } from './titles.ts';

const pretrained = (stages: MethodStages, point: Point) => stages.pretrain({ model: 'small', ...point });

export const slm = pretrainedMethod(
  { id: 'slm', title: METHOD_TITLES.slm, selectsGeneric: false },
  pretrained,
);

export const slmLowRank: Method = {
  ...slm,
  id: 'slm-lora',
  title: METHOD_TITLES['slm-lora'],
  trains: ['small', 'low-rank small'],
  specialized: (stages, point) => {
    const { seed, domainTokens } = point;
    return stages.fineTune({
      kind: 'low-rank',
      model: 'small',
      seed,
      domainTokens,
      pretrained: pretrained(stages, point),
    });
  },
};
