/** What the stages of one domain are made from: the experiment's plan, the text as tokens, and the services. */
import { join } from 'node:path';
import { TOKENIZER_FILE } from '../../formats/model-folder.ts';
import type { StageInput } from '../../pipeline/define-stage.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { ExperimentPlan, ModelName } from '../experiment-plan.ts';
import type { StageServices } from './services.ts';

export interface MethodInputs {
  readonly plan: ExperimentPlan;
  readonly tokenizer: Stage;
  /** The models of the plan's `from`, as artifacts. */
  readonly from: Readonly<Partial<Record<ModelName, Stage>>>;
  /** The generic corpus's tokens. Throws `GraphError` where there is no generic text. */
  readonly generic: Stage;
  readonly domain: { readonly name: string; readonly tokens: Stage };
  readonly services: StageServices;
}

/** What was made from the domain is paid per domain, everything else once. */
export function bookingOf(inputs: readonly (Stage | undefined)[]): Stage['booking'] {
  const specific = inputs.some((input) => input?.booking === 'specialization');
  return specific ? 'specialization' : 'generic';
}

export function readTokenizer({ directory }: Pick<StageInput, 'directory'>): Promise<Tokenizer> {
  return Tokenizer.load(join(directory, TOKENIZER_FILE));
}
