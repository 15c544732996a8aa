/** From the texts of a record file (JSONL, Parquet) to its documents. */

import type { SkipReason } from '../documents/report.ts';
import { checkText, cutParagraphs, isBlank, type Limits } from './cleaning.ts';
import { decodeBytes } from './decoding.ts';
import { UndecodableError } from './encodings.ts';
import type { Extraction, RecordText } from './extracted.ts';

export async function* recordDocuments(
  records: AsyncIterable<RecordText>,
  { limits }: { readonly limits: Limits },
): AsyncGenerator<Extraction> {
  for await (const item of records) {
    if ('kind' in item) yield item;
    else yield* documentsOf(item.record, item.text, limits);
  }
}

const loneSurrogates = /\p{Surrogate}/gu;

function* documentsOf(record: number, text: string, limits: Limits): Generator<Extraction> {
  // Programs that cut strings by UTF-16 units leave halves of emojis at the end; they are no characters.
  const whole = text.replaceAll(loneSurrogates, '');
  if (whole !== text) yield { kind: 'skipped', reason: 'half-character', line: record };
  const bytes = cleaned(whole, limits);
  if (typeof bytes === 'string') {
    yield { kind: 'skipped', reason: bytes, line: record };
    return;
  }
  for (const part of cutParagraphs(bytes, limits.documentBytes)) {
    if (!isBlank(part)) yield { kind: 'document', record, bytes: part, standing: 'file' };
  }
}

/** Clean UTF-8, or why it is no text. */
function cleaned(text: string, limits: Limits): Buffer | SkipReason {
  try {
    const bytes = decodeBytes(Buffer.from(text), false);
    if (bytes.length > limits.recordBytes) return 'too-large';
    return checkText(bytes, limits.proseLineBytes, limits.controlShare)?.reason ?? bytes;
  } catch (error) {
    if (error instanceof UndecodableError) return error.reason;
    throw error;
  }
}
