/**
 * SLM (paper section 2.2): pretrain the small model on generic text, fine-tune all its weights on the domain. The
 * amount of fine-tuning is set by early stopping.
 */
import { pretrainedMethod } from './method.ts';
import { METHOD_TITLES } from './titles.ts';

export const slm = pretrainedMethod({ id: 'slm', title: METHOD_TITLES.slm }, (stages, point) =>
  stages.pretrain({ model: 'small', ...point }),
);
