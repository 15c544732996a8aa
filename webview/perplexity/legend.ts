/** The legend of a picture: a button for each line, with the very strokes that the line is drawn with. */
import { element, fromMarkup } from '../dom.ts';
import type { PictureLine } from './frame.ts';
import { DASHES, lineSample } from './picture.ts';

export function legendButton(line: PictureLine, isShown: boolean, onPress: () => void): HTMLElement {
  const made = element(
    'button',
    { type: 'button', 'aria-pressed': `${isShown}`, 'data-key': `line ${line.id}` },
    fromMarkup(lineSample(line)),
    line.name,
  );
  made.addEventListener('click', onPress);
  return made;
}

/** What the strokes and marks of the held-out lines mean. */
export function strokeKey(withSeeds: boolean): HTMLElement {
  const stroke = (dash: string) => `<path class="plain" stroke-dasharray="${dash}" d="M0 7H34"/>`;
  const entries = [
    { marks: stroke(DASHES[0]), text: 'pretraining, a model for each budget' },
    { marks: stroke(DASHES[1]), text: 'training on the domain, up to the step that validation chose' },
    { marks: '<circle class="ring" cx="17" cy="7" r="6"/>', text: "a line's lowest on validation text" },
    ...(withSeeds
      ? [{ marks: '<circle class="seed plain" cx="17" cy="7" r="2.5"/>', text: 'one seed; lines are means' }]
      : []),
  ];
  return element(
    'ul',
    { class: 'stroke-key quiet', 'aria-label': 'What lines and marks mean' },
    ...entries.map(({ marks, text }) =>
      element(
        'li',
        {},
        fromMarkup(`<svg class="chart-swatch chart" viewBox="0 0 34 14" aria-hidden="true">${marks}</svg>`),
        text,
      ),
    ),
  );
}
