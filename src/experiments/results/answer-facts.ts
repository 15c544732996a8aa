/** What an answer rests on: how methods stand at a size, and which was chosen. */
import type { Choice, Contender } from '../../budget/choice/choice.ts';
import type { Verdict } from '../../budget/choice/verdict.ts';
import type { InDomainSize } from '../../budget/in-domain-size.ts';
import type { MethodFacts } from '../../budget/measurement.ts';
import type { Cell, View } from '../../budget/views.ts';

/** A method at its chosen pretraining budget. */
export interface Standing extends Contender {
  readonly method: Pick<MethodFacts, 'id' | 'title'>;
  readonly point: Cell;
}

export interface AnswerFacts {
  readonly view: Pick<View, 'title' | 'kind'>;
  /** N of the total cost: the domains that were measured. */
  readonly domains: number;
  /** The in-domain size that the answer is for, as asked for, and its tokens; absent before anything is fine-tuned. */
  readonly size?: { readonly asked: InDomainSize; readonly tokens: number };
  /** Parameters of the small model, the inference cap. */
  readonly cap?: number;
  /** Absent when no method within the cap was measured at this size. */
  readonly choice?: Choice<Standing>;
  /** `not settled` where held-out text clearly contradicts the choice; absent where nothing can be compared with it. */
  readonly verdict?: Verdict | 'not settled';
  /** All that were measured at this size, those over the cap too. */
  readonly standings: readonly Standing[];
  /** The lowest by validation of the models over the cap. */
  readonly ceiling?: Standing;
  readonly ceilingParameters?: number;
  /** Before fine-tuning: the chosen method's model, else the lowest by validation. */
  readonly pretrainedOnly?: Standing;
  /** Whether fine-tuning made `pretrainedOnly` worse, by the seeds measured before and after; false of another's model. */
  readonly isMadeWorse?: boolean;
  /** Trained on the domain alone, at this size. */
  readonly fromScratch?: Standing;
  /** Of which each domain pays a pretraining of its own, by id. */
  readonly pretrainedPerDomain: readonly string[];
  /** Measured at other sizes, but not at this one. */
  readonly unmeasured: readonly string[];
}
