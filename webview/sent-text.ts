/** What of a long text is sent to be continued: its end, from a whole character on. Pure. */
import { formatCount } from '../src/common/format.ts';
import { WRITING } from '../src/panel-protocol/playground.ts';

export interface SentText {
  readonly text: string;
  /** That not all of it is sent; empty where all is. */
  readonly note: string;
}

export function sentText(whole: string): SentText {
  if (whole.length <= WRITING.mostUnits) return { text: whole, note: '' };
  const text = whole.slice(-WRITING.mostUnits).replace(/^[\uDC00-\uDFFF]/, '');
  return { text, note: `Only the last ${formatCount(WRITING.mostUnits)} characters are continued.` };
}
