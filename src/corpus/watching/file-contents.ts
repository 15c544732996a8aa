/** What a file holds: its texts, what was skipped and which passages are lost, by the same reader that a run uses. */

import { addSkip, type CorpusFile, isHeldout } from '../documents/corpus-file.ts';
import type { FileEntry } from '../documents/file-list.ts';
import { standingCodes } from '../documents/splitting.ts';
import type { Label } from '../labels/labels.ts';
import { limits } from '../reading/cleaning.ts';
import { extractFile } from '../reading/extraction.ts';
import type { CorpusSource } from '../sources/specification.ts';
import { contentHash, type FileContents } from './contents.ts';
import type { QuotesFollowed } from './quotes-followed.ts';
import type { TextTable } from './texts.ts';

/** Reads a file; never throws for what the file holds or for a file that is gone. */
export async function readContents(
  file: CorpusFile,
  source: CorpusSource,
  texts: TextTable,
  quotes: QuotesFollowed,
): Promise<FileContents> {
  const { found, passages, standing } = file;
  const lookedAt = quotes.now;
  const rows: number[] = [];
  const standings: number[] = [];
  const skipped: FileEntry['skipped'] = [];
  const lost: FileEntry['lost'] = [];
  const leftOut: { readonly row: number; readonly label: Label }[] = [];
  const textField = source.textField ?? 'text';
  for await (const item of extractFile(found, { textField, passages, standing, limits })) {
    if (item.kind === 'document') {
      const hash = contentHash(item.bytes);
      rows.push(texts.add(hash, item.bytes));
      quotes.take(hash, item.bytes, isHeldout(file, item.standing));
      standings.push(standingCodes[item.standing]);
    } else if (item.kind === 'lost') lost.push(item.passage);
    else if (item.kind === 'left-out') {
      const row = texts.add(contentHash(item.bytes), item.bytes);
      leftOut.push({ row, label: item.label });
    } else addSkip(skipped, item);
  }
  const contents = { rows, standings, leftOut, skipped, lost };
  quotes.lookedThrough(contents, lookedAt);
  return contents;
}
