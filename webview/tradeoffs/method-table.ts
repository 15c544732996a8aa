/** Every method under the budgets: the feasible ones by perplexity, then those that are not, each with its reason. */
import { formatAmount } from '../../src/budget/amounts.ts';
import type { PredictionQuality } from '../../src/budget/planner-types.ts';
import { basisInWords } from '../../src/budget/planner-words.ts';
import type { MethodFacts } from '../../src/experiments/results.ts';
import { formatPerplexity, formatPlural } from '../charts/format.ts';
import { element } from '../dom.ts';
import type { Answer } from './budget-charts.ts';

export function methodTable(answer: Answer, methods: readonly MethodFacts[]): HTMLElement {
  const { candidates, excluded, unmeasured, unit, domains, recommendation } = answer;
  const best = candidates.map((one) =>
    row(one.method === recommendation.method ? 'chosen' : '', one.method, one.title, [
      formatPerplexity(one.perplexity),
      `${formatPerplexity(one.low)} to ${formatPerplexity(one.high)}`,
      formatAmount({ unit, value: one.totalCost }),
      basisInWords(one),
    ]),
  );
  const out = excluded.map(({ method, title, reasons }) =>
    row('out', method, title, ['', '', '', reasons.join(' ')]),
  );
  const open = unmeasured.map((id) =>
    row('out', id, methods.find((one) => one.id === id)?.title ?? '', ['', '', '', 'Not measured yet.']),
  );
  const heads = [
    'Method',
    'Perplexity',
    'Range',
    `For ${formatPlural(domains, 'domain')}`,
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
            element('th', { scope: 'col', class: index > 0 && index < 4 ? 'number' : 'text' }, text),
          ),
        ),
      ),
      element('tbody', {}, ...best, ...out, ...open),
    ),
  );
}

function row(kind: string, id: string, title: string, cells: readonly string[]): HTMLElement {
  const mark = kind === 'chosen' ? '✓ ' : kind === 'out' ? '✕ ' : '';
  return element(
    'tr',
    { class: kind },
    element('th', { scope: 'row' }, `${mark}${id}`, element('small', {}, title)),
    ...cells.map((text, index) => element('td', { class: index < 3 ? 'number' : 'text' }, text)),
  );
}

/** How far predictions can be trusted, judged by leaving measured points out. */
export function predictionInWords(quality: PredictionQuality): string {
  if (quality.kind !== 'fitted') return `Nothing is predicted: ${quality.reason}`;
  const { fittedPoints, relativeError, inside, points } = quality;
  const base = `Predictions come from a power law through ${formatPlural(fittedPoints, 'measured point')}.`;
  if (relativeError === undefined || points === undefined) return base;
  const error = (100 * relativeError).toFixed(1);
  return `${base} Left out one by one, they were foretold with an error (root mean square) of ${error} %; ${inside} of ${points} fell into the stated range.`;
}
