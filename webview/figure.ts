/**
 * A chart as the panels show it: title, question, choices, drawing, summary, table, and its export. Drawings that can
 * be pressed are pressed with the pointer, Enter or the space bar.
 */

import { type Table, tableHtml } from '../src/charts/table.ts';
import { button } from './controls.ts';
import { element, fromMarkup } from './dom.ts';
import { exportCsv, exportPng, exportSvg } from './export.ts';
import { showMarkValues } from './mark-values.ts';

export interface FigureContent {
  /** Unique in the panel. */
  readonly id: string;
  readonly title: string;
  readonly question?: string;
  readonly choices?: readonly HTMLElement[];
  /** One `<svg>` element as markup of our own writers. */
  readonly svg: string;
  readonly summary: string;
  readonly table: Table;
  onPress?(key: string): void;
}

export function figure(content: FigureContent): HTMLElement {
  const { id, title, question, choices = [], svg, summary, table, onPress } = content;
  const heading = element('h2', { id: `${id}-heading` }, title);
  const drawing = element('div', { class: 'drawing' }, fromMarkup(svg));
  const onSvg = (use: (drawn: SVGSVGElement) => void): void => {
    const drawn = drawing.querySelector('svg');
    if (drawn !== null) use(drawn);
  };
  if (onPress !== undefined) listenForPresses(drawing, onPress);
  const made = element(
    'section',
    { class: 'figure', 'aria-labelledby': `${id}-heading` },
    element(
      'div',
      { class: 'figure-head' },
      heading,
      exportButtons(id, title, {
        svg: () => onSvg((drawn) => exportSvg(id, drawn)),
        png: () => onSvg((drawn) => void exportPng(id, drawn)),
        csv: () => exportCsv(id, table),
      }),
    ),
    ...(question === undefined ? [] : [element('p', { class: 'quiet' }, question)]),
    ...(choices.length === 0 ? [] : [element('div', { class: 'choices' }, ...choices)]),
    drawing,
    numbersDetails(id, summary, table),
  );
  showMarkValues(made, drawing);
  return made;
}

function numbersDetails(id: string, summary: string, table: Table): HTMLElement {
  return element(
    'details',
    { 'data-key': `${id}-table` },
    element('summary', { 'data-key': `${id}-table-summary` }, 'In words and numbers'),
    element('p', { class: 'quiet summary' }, summary),
    fromMarkup(tableHtml(table)),
  );
}

/** Three small buttons: the picture in two formats, or its numbers. */
export function exportButtons(
  id: string,
  title: string,
  actions: Readonly<Record<'svg' | 'png' | 'csv', () => void>>,
): HTMLElement {
  const make = (format: keyof typeof actions): HTMLElement => {
    const name = format.toUpperCase();
    const made = button(name, actions[format]);
    made.setAttribute('appearance', 'icon');
    made.setAttribute('aria-label', `Export ${title} as ${name}`);
    made.setAttribute('title', `Export as ${name}`);
    made.setAttribute('data-key', `${id}-${format}`);
    return made;
  };
  return element('div', { class: 'exports' }, make('svg'), make('png'), make('csv'));
}

function listenForPresses(drawing: HTMLElement, onPress: (key: string) => void): void {
  const press = (event: Event): void => {
    const target = event.target instanceof Element ? event.target.closest('[data-point]') : null;
    const key = target?.getAttribute('data-point');
    if (key === undefined || key === null) return;
    event.preventDefault();
    onPress(key);
  };
  drawing.addEventListener('click', press);
  drawing.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') press(event);
  });
}
