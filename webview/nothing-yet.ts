/** What an empty panel says: earlier runs may have left something, of which the note above tells. */
import type { ToPanel } from '../src/panel-protocol/messages.ts';

type Results = Pick<Extract<ToPanel, { type: 'results' }>, 'otherRuns'>;

export function nothingYet(done: 'measured' | 'trained', { otherRuns }: Results): string {
  return `Nothing has been ${done} ${otherRuns > 0 ? 'with the settings and the text as they are now' : 'yet'}.`;
}
