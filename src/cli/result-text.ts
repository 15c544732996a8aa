/** What `parlance run` says at the end of what it found: the tables, then the answers. */

import { answerParagraphs, contentOf } from '../experiments/report/sections.ts';
import type { ExperimentResults } from '../experiments/results/results.ts';
import { formatTable, wrap } from './text-table.ts';

const LEGEND =
  '* lowest by validation of its column within the inference cap, and what ties with it; figures are held-out but for the column of validation';

/** `width`: characters in a line. */
export function resultText(results: ExperimentResults, width: number): string {
  const content = contentOf(results);
  return [
    ...content.comparison.tables.map((table) => `${table.caption}\n\n${formatTable(table, width)}`),
    ...[LEGEND, ...content.harm, ...answerParagraphs(content)].map((text) => wrap(text, width).join('\n')),
  ].join('\n\n');
}
