/** A drawing that stands on the page for a moment, unseen, so that an export can read its styles. */
import { element, fromMarkup } from '../dom.ts';

export async function printed(
  place: HTMLElement,
  markup: string,
  use: (svg: SVGSVGElement) => void | Promise<void>,
): Promise<void> {
  const svg = fromMarkup(markup).querySelector('svg');
  if (svg === null) return;
  const holder = element('div', { class: 'hidden', 'aria-hidden': 'true' });
  holder.append(svg);
  place.append(holder);
  try {
    await use(svg);
  } finally {
    holder.remove();
  }
}
