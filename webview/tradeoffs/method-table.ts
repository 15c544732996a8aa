/** Every method under the budgets: the feasible ones by perplexity, then those that are not, each with its reason. */

import { standingOf } from '../../src/budget/choice/verdict.ts';
import type { MethodFacts } from '../../src/budget/measurement.ts';
import { formatAmount } from '../../src/budget/planner/amounts.ts';
import type { Candidate, PlannerAnswer } from '../../src/budget/planner/planner-types.ts';
import { basisInWords, runInWords } from '../../src/budget/planner/planner-words.ts';
import { formatPerplexity, formatPlural, formatRange } from '../../src/common/format.ts';
import { methodTitle } from '../../src/methods/titles.ts';
import { element } from '../dom.ts';

/** `perDomain`: of which each domain pays a pretraining of its own. */
export function methodTable(
  answer: PlannerAnswer,
  methods: readonly MethodFacts[],
  perDomain: readonly string[],
): HTMLElement {
  const { kind, candidates, notKnown, excluded, unmeasured, unit, domains, recommendation } = answer;
  const best = candidates.map((one) =>
    row(one.method === recommendation.method ? 'chosen' : '', one.method, one.title, [
      formatPerplexity(one.perplexity),
      formatRange(one.low, one.high),
      formatPerplexity(one.validation),
      formatAmount({ unit, value: one.totalCost }),
      [
        ...standing(one, candidates[0]),
        basisInWords(one, kind),
        ...(perDomain.includes(one.method) ? ['pretrains for each domain'] : []),
      ].join('; '),
    ]),
  );
  const unknown = notKnown.map(({ method, title, place }) =>
    row('out', method, title, ['', '', '', '', `Not known: run ${runInWords(place)}.`]),
  );
  const out = excluded.map(({ method, title, reasons }) =>
    row('out', method, title, ['', '', '', '', reasons.join(' ')]),
  );
  const open = unmeasured.map((id) =>
    row('out', id, methods.find((one) => one.id === id)?.title ?? '', ['', '', '', '', 'Not measured yet.']),
  );
  const heads = [
    'Method',
    'Held-out perplexity',
    'Range',
    'Chosen by: validation',
    domains === 1 ? 'Cost in all' : `Cost in all, for ${formatPlural(domains, 'domain')}`,
    'Basis, or why not',
  ];
  return element(
    'div',
    { class: 'scroll', role: 'group', tabindex: '0', 'aria-label': 'Methods under your budgets' },
    element(
      'table',
      { class: 'methods' },
      element('caption', { class: 'hidden' }, 'Methods under your budgets'),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...heads.map((text, index) =>
            element('th', { scope: 'col', class: index > 0 && index < 5 ? 'number' : 'text' }, text),
          ),
        ),
      ),
      element('tbody', {}, ...best, ...unknown, ...out, ...open),
    ),
  );
}

/** How it stands on held-out text to the lowest on validation text. */
function standing({ comparison }: Candidate, lowest: Candidate): readonly string[] {
  if (comparison === undefined) return [];
  const own = standingOf(comparison);
  return [own === 'tie' ? `a tie with ${lowest.method}` : `clearly ${own} than ${lowest.method}`];
}

function row(kind: string, id: string, title: string, cells: readonly string[]): HTMLElement {
  const mark = kind === 'chosen' ? '✓ ' : kind === 'out' ? '✕ ' : '';
  return element(
    'tr',
    { class: kind },
    element('th', { scope: 'row' }, `${mark}${methodTitle(id, title) || id}`, element('small', {}, id)),
    ...cells.map((text, index) => element('td', { class: index < 4 ? 'number' : 'text' }, text)),
  );
}
