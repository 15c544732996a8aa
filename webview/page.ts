/** The frame that both panels share: heading, notes, content, and what stands there while there is no content. */
import { chartStyles, seriesVariables } from '../src/charts/styles.ts';
import type { ToPanel } from '../src/panel-protocol/messages.ts';
import { element } from './dom.ts';
import { tell } from './editor.ts';

export interface PageFrame {
  readonly content: HTMLElement;
  readonly notes: HTMLElement;
  readonly empty: HTMLElement;
  title(text: string): void;
  filled(): void;
}

export function pageFrame(kind: string): PageFrame {
  // The policy forbids styles in the page's text; a sheet that is made here is allowed.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
body { ${seriesVariables('light')} }
body.vscode-dark, body.vscode-high-contrast:not(.vscode-high-contrast-light) { ${seriesVariables('dark')} }
${chartStyles()}`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const heading = element('h1', {}, kind);
  const notes = element('ul', { class: 'notes quiet' });
  const content = element('div', { class: 'content' });
  const empty = element('p', { class: 'empty' }, 'Reading what was measured…');
  content.hidden = true;
  notes.hidden = true;
  const head = element('div', { class: 'page-head' }, heading, notes);
  document.body.append(element('main', {}, head, empty, content));
  return {
    content,
    notes,
    empty,
    title(text) {
      heading.replaceChildren(element('span', { class: 'kicker' }, kind), text);
    },
    filled() {
      content.hidden = false;
      empty.hidden = true;
    },
  };
}

/** What the reader must know of the data, and how to see what is not among them. */
export function notesOf(
  { notes: list }: PageFrame,
  { notes, otherRuns }: Pick<Extract<ToPanel, { type: 'results' }>, 'notes' | 'otherRuns'>,
): void {
  list.replaceChildren(...notes.map((text) => element('li', {}, text)));
  if (otherRuns > 0) {
    const runs = otherRuns === 1 ? '1 earlier run' : `${otherRuns} earlier runs`;
    const button = element('button', { type: 'button' }, 'Compare them');
    button.addEventListener('click', () => tell({ type: 'compareRuns' }));
    const text = `${runs} had other settings or read other text, and ${otherRuns === 1 ? 'is' : 'are'} not shown here. `;
    list.append(element('li', {}, text, button));
  }
  list.hidden = list.childElementCount === 0;
}

export function emptyPage({ content, empty }: PageFrame, text: string): void {
  content.hidden = true;
  empty.hidden = false;
  empty.textContent = text;
}
