/**
 * A conversation in several steps: each says `next`, `back` or `cancel`, and can be come back to. Who asks, the editor or a
 * terminal, implements `Dialogue`; what is asked stands in questions.ts. Until the last step was left, nothing has happened.
 */

/** One of several answers. */
export interface Offer {
  readonly label: string;
  /** The name of an icon of VS Code, for who can show it. */
  readonly icon?: string;
  readonly description?: string;
  readonly detail?: string;
  /** The detail is a warning. */
  readonly warns?: boolean;
}

/** Where in the conversation a question stands. */
export interface Place {
  readonly title: string;
  /** From 1. */
  readonly step: number;
  readonly steps: number;
}

export type Outcome = 'next' | 'back' | 'cancel';
export type Step = (place: Place) => Promise<Outcome>;
export type Answer<T> = T | Exclude<Outcome, 'next'>;

export interface Question<T extends Offer> {
  readonly placeholder: string;
  readonly items: readonly T[];
}

export interface Dialogue {
  /** One of the items; `active` is proposed. */
  pickOne<T extends Offer>(
    place: Place,
    question: Question<T> & { readonly active?: T | undefined },
  ): Promise<Answer<T>>;
  /** At least one of the items; `selected` are proposed, and `always` is among them whatever is chosen. */
  pickMany<T extends Offer>(
    place: Place,
    question: Question<T> & { readonly selected: readonly T[]; readonly always?: T },
  ): Promise<Answer<readonly T[]>>;
  /** A line of text that `check` finds nothing wrong with; `value` is proposed. */
  askText(
    place: Place,
    prompt: string,
    value: string,
    check: (text: string) => string | undefined,
  ): Promise<Answer<{ readonly text: string }>>;
  /** The absolute path of a folder; `undefined` when none is named. `use`: what is done with it, on a button. */
  pickFolder(use: string): Promise<string | undefined>;
}

/** Whether the last step was reached and left with `next`. Answers may change the steps that follow. */
export async function walk(title: string, stepsNow: () => readonly Step[]): Promise<boolean> {
  let at = 0;
  for (let steps = stepsNow(); at < steps.length; steps = stepsNow()) {
    const outcome = await steps[at]({ title, step: at + 1, steps: steps.length });
    if (outcome === 'cancel') return false;
    at = outcome === 'next' ? at + 1 : Math.max(0, at - 1);
  }
  return true;
}

export function isAnswer<T extends object>(answer: Answer<T>): answer is T {
  return typeof answer === 'object';
}
