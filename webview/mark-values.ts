/**
 * The values of the mark nearest to the pointer, or of the one that has the focus, in a box beside it. It takes the place of
 * the browser's own tooltips, which come late and only on the mark itself. For eyes: each mark has its name for others.
 */
import { element } from './dom.ts';

/** In pixels of the screen, from the pointer to a mark. */
const REACH = 48;
const GAP = 14;

/** `drawing` holds an SVG whose marks are groups with a `<title>`; the box is put into `figure`. */
export function showMarkValues(figure: HTMLElement, drawing: HTMLElement): void {
  const texts = takeTitles(drawing);
  if (texts.size === 0) return;
  const box = element('div', { class: 'mark-values', 'aria-hidden': 'true' });
  box.hidden = true;
  figure.append(box);
  const show = (mark: Element | undefined): void => {
    box.hidden = mark === undefined;
    if (mark === undefined) return;
    box.replaceChildren(...(texts.get(mark) ?? '').split('; ').map((line) => element('div', {}, line)));
    place(box, figure, mark);
  };
  drawing.addEventListener('pointermove', ({ clientX, clientY }) =>
    show(nearest([...texts.keys()], clientX, clientY)),
  );
  drawing.addEventListener('pointerleave', () => show(undefined));
  drawing.addEventListener('focusin', ({ target }) =>
    show([...texts.keys()].find((mark) => target instanceof Node && mark.contains(target))),
  );
  drawing.addEventListener('focusout', () => show(undefined));
}

/** Of each mark what its tooltip said. */
function takeTitles(drawing: HTMLElement): ReadonlyMap<Element, string> {
  const texts = new Map<Element, string>();
  for (const title of drawing.querySelectorAll('g > title')) {
    const mark = title.parentElement;
    if (mark === null || mark.querySelector('.marker, .bar') === null) continue;
    texts.set(mark, title.textContent ?? '');
    title.remove();
  }
  return texts;
}

function nearest(marks: readonly Element[], x: number, y: number): Element | undefined {
  let best: Element | undefined;
  let least = REACH;
  for (const mark of marks) {
    const distance = distanceTo(boundsOf(mark), x, y);
    if (distance < least) {
      least = distance;
      best = mark;
    }
  }
  return best;
}

/** To a bar's edge, or to the middle of a mark, whose whisker may be long. */
function distanceTo({ left, right, top, bottom }: DOMRect, x: number, y: number): number {
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
}

function boundsOf(mark: Element): DOMRect {
  return (mark.querySelector('.marker, .bar') ?? mark).getBoundingClientRect();
}

function place(box: HTMLElement, figure: HTMLElement, mark: Element): void {
  const frame = figure.getBoundingClientRect();
  const { left, right, top } = boundsOf(mark);
  const { width, height } = box.getBoundingClientRect();
  const isRoomRight = right + GAP + width <= frame.right;
  box.style.left = `${Math.max(0, (isRoomRight ? right + GAP : left - GAP - width) - frame.left)}px`;
  box.style.top = `${Math.max(0, top - height / 2 - frame.top)}px`;
}
