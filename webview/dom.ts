/** Elements from text without markup: what comes from the workspace becomes text nodes and attributes, never HTML. */

type Attributes = Readonly<Record<string, string | undefined>>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

export function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) target.removeAttribute(name);
    else target.setAttribute(name, value);
  }
}

/** Markup that our own writers made, which escape every name (src/charts/escape.ts). */
export function fromMarkup(markup: string): DocumentFragment {
  const template = document.createElement('template');
  template.innerHTML = markup;
  return template.content;
}

/** Keeps what is focused when a part is drawn again: the element with the same `data-key` takes over. */
export function redraw(part: Element, ...children: readonly (Node | string)[]): void {
  const active = document.activeElement;
  const key = active !== null && part.contains(active) ? active.getAttribute('data-key') : null;
  const open = new Set(
    [...part.querySelectorAll('details[open][data-key]')].map((one) => one.getAttribute('data-key')),
  );
  part.replaceChildren(...children);
  for (const details of part.querySelectorAll('details[data-key]')) {
    if (open.has(details.getAttribute('data-key'))) details.setAttribute('open', '');
  }
  if (key === null) return;
  const successor = part.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!(successor instanceof HTMLElement || successor instanceof SVGElement)) return;
  // It may have moved into a part that is folded, where nothing can have the focus.
  if (!successor.matches('summary')) successor.closest('details')?.setAttribute('open', '');
  successor.focus();
}
