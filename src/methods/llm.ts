/**
 * LLM (paper sections 2.2 and 4): the large model, pretrained and fine-tuned, over the inference cap: a ceiling.
 * With low-rank factors (appendix F) it takes less storage per domain but costs the same to run.
 */
import type { Method, MethodStages, Point } from './method.ts';

const pretrained = (stages: MethodStages, { seed, budget }: Point) => stages.pretrain('large', seed, budget);

export const llm: Method = {
  id: 'llm',
  title: 'large, pretrained',
  model: 'large',
  before: pretrained,
  after: (stages, point) =>
    stages.fineTune({ ...point, kind: 'full', model: 'large', pretrained: pretrained(stages, point) }),
};

export const llmLowRank: Method = {
  id: 'llm-lora',
  title: 'large, pretrained, low-rank fine-tuning',
  model: 'large',
  before: pretrained,
  after: (stages, point) =>
    stages.fineTune({ ...point, kind: 'low-rank', model: 'large', pretrained: pretrained(stages, point) }),
};
