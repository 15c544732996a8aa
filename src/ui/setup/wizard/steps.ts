/** Questions over VS Code's quick input. Closing it (Escape) cancels everything; nothing has happened then. */
import {
  type Disposable,
  l10n,
  type QuickInputButton,
  QuickInputButtons,
  type QuickPick,
  type QuickPickItem,
  window,
} from 'vscode';
import type { Answer, Dialogue, Offer, Place } from '../../../experiments/proposal/dialogue.ts';

interface OfferItem<T extends Offer> extends QuickPickItem {
  readonly offer: T;
}

export const quickInput: Dialogue = {
  pickOne: (place, { placeholder, items: offers, active }) => {
    const items = offers.map(itemOf);
    const input = open(place, placeholder, items);
    input.activeItems = items.filter(({ offer }) => offer === active);
    return answered(input, (accept) => {
      const [chosen] = input.selectedItems;
      if (chosen !== undefined) accept(chosen.offer);
    });
  },
  pickMany: (place, { placeholder, items: offers, selected, always }) => {
    const items = offers.map(itemOf);
    const input = open(place, placeholder, items);
    input.canSelectMany = true;
    input.selectedItems = items.filter(({ offer }) => selected.includes(offer));
    const kept = items.find(({ offer }) => offer === always);
    const listening = input.onDidChangeSelection((now) => {
      if (kept !== undefined && !now.includes(kept)) input.selectedItems = [kept, ...now];
      if (now.length > 0) input.title = place.title;
    });
    return answered<readonly (typeof offers)[number][]>(input, (accept) => {
      if (input.selectedItems.length > 0) accept(input.selectedItems.map(({ offer }) => offer));
      else input.title = l10n.t('{0}: tick at least one', place.title);
    }).finally(() => listening.dispose());
  },
  askText: (place, prompt, value, check) => {
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
  },
  pickFolder: async (use) => {
    const picked = await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: use,
    });
    return picked?.at(0)?.fsPath;
  },
};

function itemOf<T extends Offer>(offer: T): OfferItem<T> {
  const { label, icon, description, detail, warns } = offer;
  return {
    label: icon === undefined ? label : `$(${icon}) ${label}`,
    ...(description !== undefined && { description }),
    ...(detail !== undefined && { detail: warns ? `$(warning) ${detail}` : detail }),
    offer,
  };
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
