/** A file of the corpus together with what its labels say, and what decides whether it must be read again. */
import { hashJson } from '../../common/hash.ts';
import type { Standing } from '../labels/holding-entries.ts';
import type { LabelledPassage, LabelRules } from '../labels/label-rules.ts';
import type { Label } from '../labels/labels.ts';
import { placingVersion } from '../labels/passages.ts';
import { limits } from '../reading/cleaning.ts';
import type { DocumentStanding, SkippedText } from '../reading/extracted.ts';
import { pageVersion } from '../reading/html.ts';
import type { FoundFile } from '../sources/found-file.ts';
import type { CorpusSource } from '../sources/specification.ts';
import { storeVersion } from './document-store.ts';
import type { FileEntry } from './file-list.ts';

export interface CorpusFile {
  readonly found: FoundFile;
  readonly label: Label;
  readonly standing: Standing;
  readonly passages: readonly LabelledPassage[];
}

export function labelFile(found: FoundFile, rules: LabelRules, source: CorpusSource): CorpusFile {
  return { found, ...rules.file(found.absolute, source), passages: rules.passages(found.absolute) };
}

/** Whether no part of the file can be in the corpus. */
export function isLeftOut({ standing, passages }: CorpusFile): boolean {
  return standing === 'out' && passages.every((passage) => passage.standing === 'out');
}

/** Whether labels hold out a document of a file. */
export function isHeldout(file: Pick<CorpusFile, 'standing'>, document: DocumentStanding): boolean {
  return (document === 'file' ? file.standing : document) === 'held-out';
}

/** What decides, beside the file's content, which documents come out of it. */
export function settingsHash({ found, passages, standing }: CorpusFile, source: CorpusSource): string {
  return hashJson({
    version: storeVersion,
    format: found.format,
    textField: source.textField ?? 'text',
    limits,
    passages: passages.map((passage) => JSON.stringify(passage)),
    ...(found.format === 'html' && { page: pageVersion }),
    ...(passages.length > 0 && { standing: standing === 'out' ? 'out' : 'in', placing: placingVersion }),
  });
}

const exampleLines = 3;

/** Counts what was skipped of a file. */
export function addSkip(skipped: FileEntry['skipped'], { reason, line, count = 1 }: SkippedText): void {
  let kind = skipped.find((one) => one.reason === reason);
  if (kind === undefined) {
    kind = { reason, count: 0, lines: [] };
    skipped.push(kind);
  }
  kind.count += count;
  if (line !== undefined && kind.lines.length < exampleLines) kind.lines.push(line);
}
