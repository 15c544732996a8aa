/**
 * SLM (paper section 2.2): pretrain the small model on generic text, fine-tune all its weights on the domain. The
 * amount of fine-tuning is set by early stopping.
 */
import type { Method } from './method.ts';

export const slm: Method = {
  id: 'slm',
  title: 'small, pretrained',
  model: 'small',
  before: (stages, { seed, budget }) => stages.pretrain('small', seed, budget),
  after: (stages, { seed, budget, domainTokens }) =>
    stages.fineTune({
      kind: 'full',
      model: 'small',
      seed,
      pretrained: stages.pretrain('small', seed, budget),
      domainTokens,
    }),
};
