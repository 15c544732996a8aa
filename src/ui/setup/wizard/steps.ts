/**
 * A conversation in several steps over VS Code's quick input: each step says `next`, `back` or `cancel`, and can be come
 * back to. Closing the input (Escape) cancels everything; nothing has happened then.
 */
import {
  type Disposable,
  l10n,
  type QuickInputButton,
  QuickInputButtons,
  type QuickPick,
  type QuickPickItem,
  window,
} from 'vscode';

export interface Place {
  readonly title: string;
  /** From 1. */
  readonly step: number;
  readonly steps: number;
}

export type Outcome = 'next' | 'back' | 'cancel';
export type Step = (place: Place) => Promise<Outcome>;

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

export type Answer<T> = T | Exclude<Outcome, 'next'>;

export function isAnswer<T extends object>(answer: Answer<T>): answer is T {
  return typeof answer === 'object';
}

export interface Pick<T extends QuickPickItem> {
  readonly placeholder: string;
  readonly items: readonly T[];
  readonly active?: T;
}

/** One of the items. */
export function pickOne<T extends QuickPickItem>(
  place: Place,
  { placeholder, items, active }: Pick<T>,
): Promise<Answer<T>> {
  const input = open<T>(place, placeholder, items);
  if (active !== undefined) input.activeItems = [active];
  return answered(input, (accept) => {
    const [chosen] = input.selectedItems;
    if (chosen !== undefined) accept(chosen);
  });
}

/** At least one of the items; `always` is among them whatever the user unticks. */
export function pickMany<T extends QuickPickItem>(
  place: Place,
  {
    placeholder,
    items,
    selected,
    always,
  }: Pick<T> & { readonly selected: readonly T[]; readonly always?: T },
): Promise<Answer<readonly T[]>> {
  const input = open<T>(place, placeholder, items);
  input.canSelectMany = true;
  input.selectedItems = selected;
  const listening = input.onDidChangeSelection((now) => {
    if (always !== undefined && !now.includes(always)) input.selectedItems = [always, ...now];
    if (now.length > 0) input.title = place.title;
  });
  return answered<readonly T[]>(input, (accept) => {
    if (input.selectedItems.length > 0) accept([...input.selectedItems]);
    else input.title = l10n.t('{0}: tick at least one', place.title);
  }).finally(() => listening.dispose());
}

/** A line of text that `check` finds nothing wrong with. */
export function askText(
  place: Place,
  prompt: string,
  value: string,
  check: (text: string) => string | undefined,
): Promise<Answer<{ readonly text: string }>> {
  const input = window.createInputBox();
  input.prompt = prompt;
  input.value = value;
  placed(input, place);
  const listening = input.onDidChangeValue((text) => {
    input.validationMessage = check(text);
  });
  return answered<{ readonly text: string }>(input, (accept) => {
    input.validationMessage = check(input.value);
    if (input.validationMessage === undefined) accept({ text: input.value });
  }).finally(() => listening.dispose());
}

/** A quick pick of a step that the caller keeps changing while it is open, as predictions come in. */
export function open<T extends QuickPickItem>(
  place: Place,
  placeholder: string,
  items: readonly T[],
): QuickPick<T> {
  const input = window.createQuickPick<T>();
  input.placeholder = placeholder;
  input.items = items;
  input.matchOnDescription = true;
  placed(input, place);
  return input;
}

interface QuickInput extends Disposable {
  title: string | undefined;
  step: number | undefined;
  totalSteps: number | undefined;
  ignoreFocusOut: boolean;
  buttons: readonly QuickInputButton[];
  onDidTriggerButton(listener: (button: QuickInputButton) => void): Disposable;
  onDidAccept(listener: () => void): Disposable;
  onDidHide(listener: () => void): Disposable;
  show(): void;
}

function placed(input: QuickInput, { title, step, steps }: Place): void {
  input.title = title;
  input.step = step;
  input.totalSteps = steps;
  input.ignoreFocusOut = true;
  if (step > 1) input.buttons = [QuickInputButtons.Back];
}

/** Shows an input until it is accepted, gone back from or closed; then it is gone. */
export function answered<T>(
  input: QuickInput,
  onAccept: (accept: (value: T) => void) => void,
): Promise<Answer<T>> {
  return new Promise<Answer<T>>((resolve) => {
    input.onDidTriggerButton((button) => {
      if (button === QuickInputButtons.Back) resolve('back');
    });
    input.onDidAccept(() => onAccept(resolve));
    input.onDidHide(() => resolve('cancel'));
    input.show();
  }).finally(() => input.dispose());
}
