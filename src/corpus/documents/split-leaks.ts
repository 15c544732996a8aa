/** Which documents of a domain hold text of its held-out or validation documents: what is taken out after the split. */

import { findQuotes, type KeyedText } from '../similarity/contained-texts.ts';
import { isMuch, type Quoted } from '../similarity/quotes.ts';
import type { CorpusSpecification } from '../sources/specification.ts';
import type { Columns } from './document-table.ts';
import type { FindLeaks, Removal } from './splitting.ts';
import { ShardReader } from './text-shards.ts';

/**
 * Looks through the texts of a store that is being made. Of the generic corpus only near-copies are kept apart: nothing
 * is chosen or reported by its held-out text.
 */
export function leaksWithin(
  directory: string,
  role: CorpusSpecification['role'],
  { shard, offset, bytes }: Columns,
  signal: AbortSignal,
): FindLeaks {
  return async ({ heldout, validation, all }) => {
    if (role === 'generic') return { removed: [], keptInPart: 0, notLookedFor: 0 };
    const reader = new ShardReader(directory);
    async function* textsOf(rows: Iterable<number>): AsyncGenerator<KeyedText> {
      for (const row of rows) {
        const place = { shard: shard[row], offset: offset[row], bytes: bytes[row] };
        yield { key: String(row), bytes: await reader.read(place) };
      }
    }
    const isHeldout = new Set(heldout);
    const isValidation = new Set(validation);
    try {
      const search = await findQuotes(
        textsOf([...heldout, ...validation]),
        (keys) => textsOf(keys === undefined ? all : all.filter((row) => keys.has(String(row)))),
        signal,
      );
      const removed: Removal[] = [];
      let keptInPart = 0;
      for (const { key, quotes } of search.found) {
        const row = Number(key);
        if (isHeldout.has(row)) continue;
        const held = (one: Quoted): boolean => isHeldout.has(Number(one.key));
        const counting = isValidation.has(row) ? quotes.filter(held) : quotes;
        const much = counting.filter(isMuch);
        const quote = much.find(held) ?? much[0];
        if (quote === undefined) keptInPart += Math.min(1, counting.length);
        else {
          const what = held(quote) ? 'held-out' : 'validation';
          const isPart = !quote.isWhole && !quote.holdsOther;
          removed.push({
            row,
            other: Number(quote.key),
            reason: isPart ? `holds ${what} in part` : `holds ${what}`,
          });
        }
      }
      return { removed, keptInPart, notLookedFor: search.refused };
    } finally {
      await reader.close();
    }
  };
}
