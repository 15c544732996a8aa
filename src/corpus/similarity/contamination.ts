/** Text of a domain inside the generic corpus: what to leave out of an evaluation, and what to tell. */
import type { DocumentStore } from '../documents/document-store.ts';
import type { Split } from '../documents/report.ts';
import { findQuotes, type KeyedText } from './contained-texts.ts';

/** A document of a domain that the generic corpus repeats. */
export interface RepeatedDocument {
  /** Its place in the domain's store, and its file. */
  readonly index: number;
  readonly source: string;
  /** A file of the generic corpus where it stands. */
  readonly generic: string;
}

export interface RepeatedText {
  /** Documents of the split. */
  readonly documents: number;
  /** Those of which half or more stands in one document of the generic corpus. */
  readonly whole: readonly RepeatedDocument[];
  /** Those of which less stands there, but 50 words or more one after another, or a whole generic document. */
  readonly part: readonly RepeatedDocument[];
}

export interface Contamination {
  readonly heldout: RepeatedText;
  readonly validation: RepeatedText;
  /** Documents that were not looked for, because there are too many. */
  readonly notLookedFor: number;
}

/** Finds the held-out and validation documents of `domain` in `generic`. */
export async function findContamination(
  domain: DocumentStore,
  generic: DocumentStore,
  signal: AbortSignal,
): Promise<Contamination> {
  async function* wanted(): AsyncGenerator<KeyedText> {
    for (const split of ['heldout', 'validation'] as const) {
      for await (const { record, bytes } of domain.contents((one) => one.split === split))
        yield { key: String(record.index), bytes };
    }
  }
  async function* texts(keys?: ReadonlySet<string>): AsyncGenerator<KeyedText> {
    for await (const { record, bytes } of generic.contents(({ index }) => keys?.has(`g${index}`) ?? true))
      yield { key: `g${record.index}`, bytes };
  }
  const { found, refused } = await findQuotes(wanted(), texts, signal);
  /** For each repeated document a generic one, one that holds it whole if there is any. */
  const repeated = new Map<number, { readonly generic: string; readonly isWhole: boolean }>();
  for (const { key, quotes } of found) {
    const { source } = generic.record(Number(key.slice(1)));
    for (const quote of quotes) {
      const index = Number(quote.key);
      const known = repeated.get(index);
      if (known === undefined || (quote.isWhole && !known.isWhole))
        repeated.set(index, { generic: source, isWhole: quote.isWhole });
    }
  }
  const of = (split: Split): RepeatedText => {
    const listed = [...repeated]
      .map(([index, one]) => ({ ...one, record: domain.record(index) }))
      .filter(({ record }) => record.split === split)
      .sort((a, b) => a.record.index - b.record.index);
    const documents = ({ isWhole }: { readonly isWhole: boolean }) =>
      listed
        .filter((one) => one.isWhole === isWhole)
        .map(({ record, generic: place }) => ({
          index: record.index,
          source: record.source,
          generic: place,
        }));
    return {
      documents: domain.report.splits[split].documents,
      whole: documents({ isWhole: true }),
      part: documents({ isWhole: false }),
    };
  };
  return { heldout: of('heldout'), validation: of('validation'), notLookedFor: refused };
}
