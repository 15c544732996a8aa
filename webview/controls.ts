/**
 * The panels' controls. The only module that knows `@vscode/webview-ui-toolkit`, which is archived: another library, or
 * none, takes its place here. Buttons, check boxes and text fields are the toolkit's. Two are native elements: there is
 * no slider in the toolkit, and its drop-down writes a `style` attribute, which the panels' security policy forbids.
 */

import {
  type Button,
  type Checkbox,
  provideVSCodeDesignSystem,
  type TextField,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit/dist/index.js';
import { element } from './dom.ts';
import { removeStyleNonce } from './policy.ts';

provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeTextField());
removeStyleNonce();

export interface Option {
  readonly value: string;
  readonly text: string;
}

export function button(text: string, onPress: () => void): HTMLElement {
  const made = document.createElement('vscode-button') as Button;
  made.setAttribute('appearance', 'secondary');
  made.textContent = text;
  made.addEventListener('click', onPress);
  return made;
}

export function checkbox(text: string, checked: boolean, onChange: (checked: boolean) => void): HTMLElement {
  const made = document.createElement('vscode-checkbox') as Checkbox;
  made.textContent = text;
  made.checked = checked;
  made.setAttribute('data-key', `checkbox ${text}`);
  made.addEventListener('change', () => onChange(made.checked));
  return made;
}

export interface Field {
  readonly element: HTMLElement;
  set(text: string): void;
  /** The reader is in it, and it has another text than it was given: that is theirs. */
  isTyped(): boolean;
  /** The reason why the text is refused, or none. */
  refuse(reason: string): void;
}

/** A text field that tells its value when it is entered. */
export function textField(label: string, onEnter: (text: string) => void): Field {
  const made = document.createElement('vscode-text-field') as TextField;
  const enter = () => onEnter(made.value);
  made.addEventListener('change', enter);
  // The toolkit names a field without content "Text field" once it is connected.
  const name = () => made.setAttribute('aria-label', label);
  let given = '';
  queueMicrotask(name);
  return {
    element: made,
    set(text) {
      name();
      given = text;
      made.value = text;
    },
    isTyped: () => document.activeElement === made && made.value !== given,
    refuse(reason) {
      made.classList.toggle('refused', reason !== '');
      made.title = reason;
    },
  };
}

/** A drop-down with its label before it; of one option, only its text. */
export function select(
  label: string,
  options: readonly Option[],
  chosen: string,
  onChange: (value: string) => void,
): HTMLElement {
  const list = element('select', { 'data-key': `select ${label}` });
  for (const { value, text } of options) list.append(new Option(text, value, false, value === chosen));
  list.addEventListener('change', () => onChange(list.value));
  return element('label', { class: 'choice' }, element('span', {}, label), list);
}

export interface Slider {
  readonly element: HTMLInputElement;
  set(position: number, spoken: string): void;
}

/** A slider from 0 to `steps`; `spoken` is what a screen reader says of its place. */
export function slider(label: string, steps: number, onMove: (position: number) => void): Slider {
  const made = element('input', { type: 'range', min: '0', max: `${steps}`, step: '1', 'aria-label': label });
  made.addEventListener('input', () => onMove(made.valueAsNumber));
  return {
    element: made,
    set(position, spoken) {
      made.value = `${position}`;
      made.setAttribute('aria-valuetext', spoken);
    },
  };
}
