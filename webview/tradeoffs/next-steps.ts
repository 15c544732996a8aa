/** What to measure next, with a button for each point of the grid that can be run. */

import type { PlannerAnswer } from '../../src/budget/planner/planner-types.ts';
import { runInWords } from '../../src/budget/planner/planner-words.ts';
import type { GridPlace } from '../../src/budget/prediction/estimate.ts';
import { button } from '../controls.ts';
import { element } from '../dom.ts';

/** One button a point that the answer waits for: of what is recommended unmeasured, and of methods that nothing tells about. */
export function pointsToRun(
  { notKnown, next, recommendation }: PlannerAnswer,
  onRun: (place: GridPlace) => void,
): readonly HTMLElement[] {
  const unmeasured = next.find(
    ({ kind, methods }) => kind === 'measure' && methods[0] === recommendation.method,
  )?.place;
  const places = [...(unmeasured === undefined ? [] : [unmeasured]), ...notKnown.map(({ place }) => place)];
  const apart = new Map(places.map((place) => [JSON.stringify(place), place]));
  return [...apart.values()].map((place) => runButton(place, `Run This Point: ${runInWords(place)}`, onRun));
}

function runButton(place: GridPlace, text: string, onRun: (place: GridPlace) => void): HTMLElement {
  const made = button(text, () => onRun(place));
  made.setAttribute('data-key', `run ${text} ${JSON.stringify(place)}`);
  return made;
}

export function nextSteps({ next }: PlannerAnswer, onRun: (place: GridPlace) => void): HTMLElement {
  if (next.length === 0) return element('div', {});
  return element(
    'details',
    { 'data-key': 'next' },
    element('summary', { 'data-key': 'next-summary' }, 'What to measure next'),
    element(
      'ul',
      {},
      ...next.map(({ sentence, place }) =>
        element(
          'li',
          {},
          sentence,
          ...(place === undefined ? [] : [' ', runButton(place, 'Run This Point', onRun)]),
        ),
      ),
    ),
  );
}
