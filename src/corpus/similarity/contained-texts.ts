/**
 * Looks through texts for others that stand in them, whole or in part. Twice: what many texts have in common is known
 * only when all were seen, and then only those are looked at again that hold anything.
 */
import { letSignalsIn } from '../../common/interruption.ts';
import { type Quoted, QuoteFinder } from './quotes.ts';

export interface KeyedText {
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface QuotesOf {
  readonly key: string;
  readonly quotes: readonly Quoted[];
}

export interface QuoteSearch {
  /** Texts that hold others. */
  readonly found: readonly QuotesOf[];
  /** Texts that were not looked for, because there are too many. */
  readonly refused: number;
}

/** Runs of words that are kept at most: about 120 MB. */
const runLimit = 2_000_000;
const breath = 256;

/**
 * `wanted` are the texts to look for, the most important first; `texts` gives the texts to look through, those with the
 * given keys when there are any.
 */
export async function findQuotes(
  wanted: AsyncIterable<KeyedText>,
  texts: (keys?: ReadonlySet<string>) => AsyncIterable<KeyedText>,
  signal: AbortSignal,
): Promise<QuoteSearch> {
  const finder = new QuoteFinder(runLimit);
  for await (const { key, bytes } of wanted) finder.add(key, bytes);
  const holders = new Set<string>();
  let seen = 0;
  const breathe = async (): Promise<void> => {
    if (++seen % breath !== 0) return;
    await letSignalsIn(signal);
  };
  if (finder.isEmpty) return { found: [], refused: finder.refused };
  for await (const { key, bytes } of texts()) {
    if (finder.count(bytes)) holders.add(key);
    await breathe();
  }
  const found: QuotesOf[] = [];
  if (holders.size === 0) return { found, refused: finder.refused };
  for await (const { key, bytes } of texts(holders)) {
    const quotes = finder.find(bytes).filter((quote) => quote.key !== key);
    if (quotes.length > 0) found.push({ key, quotes });
    await breathe();
  }
  return { found, refused: finder.refused };
}
