/**
 * LLM (paper sections 2.2 and 4): the large model, pretrained and fine-tuned, over the inference cap: a ceiling, and
 * the teacher of SLM-d. With low-rank factors (appendix F) it takes less storage per domain but costs the same to run.
 */
import type { Method, MethodStages, Point } from './method.ts';
import type { FineTuningKind } from './stages/fine-tuning-kinds.ts';
import { METHOD_TITLES } from './titles.ts';

const pretrained = (stages: MethodStages, point: Point) => stages.pretrain({ model: 'large', ...point });

function largeMethod(id: string, title: string, kind: FineTuningKind): Method {
  return {
    id,
    title,
    model: 'large',
    trains: kind === 'low-rank' ? ['large', 'low-rank large'] : ['large'],
    selectsGeneric: false,
    pretrained,
    specialized: (stages, point) => {
      const { seed, domainTokens } = point;
      return stages.fineTune({
        kind,
        model: 'large',
        seed,
        domainTokens,
        pretrained: pretrained(stages, point),
      });
    },
  };
}

export const llm = largeMethod('llm', METHOD_TITLES.llm, 'full');
export const llmLowRank = largeMethod('llm-lora', METHOD_TITLES['llm-lora'], 'low-rank');
