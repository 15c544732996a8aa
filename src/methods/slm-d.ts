/**
 * SLM-d (paper sections 2.2 and 4.1): response-based distillation. (1) Pretrain the large and the small model on
 * generic text. (2) Fine-tune the large one on the domain. (3) Fine-tune the small one on the same domain text with
 *
 *     (1 - w) * true-token loss + w * T^2 * cross-entropy against the teacher's softmax(logits / T).
 *
 * It pays for both models: generic for both pretrainings, specialization for the teacher's fine-tuning too. The paper
 * does not state w and T; both are settings of ours.
 */
import { llm } from './llm.ts';
import type { Method } from './method.ts';
import { slm } from './slm.ts';
import { METHOD_TITLES } from './titles.ts';

export const slmD: Method = {
  id: 'slm-d',
  title: METHOD_TITLES['slm-d'],
  model: 'small',
  trains: ['small', 'large', 'distilled'],
  selectsGeneric: false,
  pretrained: slm.pretrained,
  specialized: (stages, point) => {
    const { seed, domainTokens } = point;
    return stages.fineTune({
      kind: 'distilled',
      model: 'small',
      seed,
      domainTokens,
      pretrained: stages.pretrain({ model: 'small', ...point }),
      teacher: llm.specialized(stages, point),
    });
  },
};
