/** What a corpus leaves out, in a line for each reason: `parlance corpus` and `parlance run` say it in the same words. */
import type { CorpusReport } from '../corpus/report.ts';

const SHOWN_EXAMPLES = 3;

/** `2: binary data (a.md, b.txt)` */
export function leftOutLines({ skipped }: Pick<CorpusReport, 'skipped'>): string[] {
  return skipped.map(({ explanation, count, examples }) => {
    const shown = examples
      .slice(0, SHOWN_EXAMPLES)
      .map(({ path, line }) => (line === undefined ? path : `${path}:${line}`));
    return `${count}: ${explanation} (${shown.join(', ')}${count > shown.length ? ', …' : ''})`;
  });
}
