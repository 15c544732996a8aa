/**
 * SLM (paper section 2.2): pretrain the small model on generic text, fine-tune all its weights on the domain. The
 * amount of fine-tuning is set by early stopping.
 */
import { pretrainedMethod } from './method.ts';

export const slm = pretrainedMethod({ id: 'slm', title: 'small, pretrained' }, (stages, point) =>
  stages.pretrain({ model: 'small', ...point }),
);
