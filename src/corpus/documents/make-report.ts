/** Makes the report of a corpus from its finished index. */

import type { Standing } from '../labels/holding-entries.ts';
import { type Label, labelNames } from '../labels/labels.ts';
import type { CorpusSpecification } from '../sources/specification.ts';
import { type Columns, fates } from './document-table.ts';
import {
  type Amount,
  type CorpusReport,
  type LostPassage,
  type RemovalReason,
  removalReasons,
  type SkipTally,
} from './report.ts';
import { type SplitResult, standingCodes } from './splitting.ts';

export interface ReportParts {
  readonly specification: CorpusSpecification;
  readonly columns: Columns;
  readonly files: readonly { readonly path: string; readonly label: Label; readonly standing: Standing }[];
  readonly leftOut: readonly { readonly label: Label; readonly size: number }[];
  readonly counts: CorpusReport['files'];
  readonly skips: SkipTally;
  readonly lost: readonly LostPassage[];
  readonly split: SplitResult;
}

const removedExamples = 10;

export function makeReport(parts: ReportParts): CorpusReport {
  const { specification, columns, split } = parts;
  const byFate = amountsByFate(columns);
  const [train, validation, heldout, exactDuplicates, removed] = byFate;
  const nearDuplicates = { ...split.nearDuplicates, removed: { ...removed, ...removals(parts) } };
  return {
    name: specification.name,
    role: specification.role,
    splits: { train, validation, heldout },
    files: parts.counts,
    skipped: parts.skips.list(),
    exactDuplicates,
    nearDuplicates,
    labels: labelShares(parts),
    lostPassages: [...parts.lost],
    explicitHeldout: split.explicitHeldout,
    movedToFillSplits: split.movedToFillSplits,
  };
}

/** Why documents were taken out, the most frequent reason first, and the first few of them. */
function removals({
  columns,
  files,
  split,
}: ReportParts): Pick<CorpusReport['nearDuplicates']['removed'], 'reasons' | 'examples'> {
  const amounts = new Map<RemovalReason, Amount>();
  for (const { row, reason } of split.removed) {
    const sum = amounts.get(reason) ?? { documents: 0, bytes: 0 };
    amounts.set(reason, { documents: sum.documents + 1, bytes: sum.bytes + columns.bytes[row] });
  }
  const place = (row: number): string => files[columns.file[row]].path;
  return {
    reasons: [...amounts]
      .map(([reason, amount]) => ({ reason, explanation: removalReasons[reason], ...amount }))
      .sort((a, b) => b.documents - a.documents),
    examples: split.removed
      .slice(0, removedExamples)
      .map(({ row, other, reason }) => ({ path: place(row), other: place(other), reason })),
  };
}

function amountsByFate({ fate, bytes }: Columns): Amount[] {
  const amounts: Amount[] = fates.map(() => ({ documents: 0, bytes: 0 }));
  for (let row = 0; row < fate.length; row++) {
    amounts[fate[row]].documents++;
    amounts[fate[row]].bytes += bytes[row];
  }
  return amounts;
}

function labelShares({ specification, columns, files, leftOut }: ReportParts): CorpusReport['labels'] {
  const sums = new Map(labelNames.map((label) => [label, { files: 0, documents: 0, bytes: 0 }]));
  const add = (label: Label, file: number, documents: number, bytes: number): void => {
    const sum = sums.get(label);
    if (sum === undefined) return;
    sum.files += file;
    sum.documents += documents;
    sum.bytes += bytes;
  };
  for (const { label } of files) add(label, 1, 0, 0);
  for (const { label, size } of leftOut) add(label, 1, 0, size);
  for (let row = 0; row < columns.fate.length; row++) {
    if (columns.fate[row] === fates.indexOf('exact-duplicate')) continue;
    const label = labelOfDocument(columns.standing[row], files[columns.file[row]].label, specification.role);
    add(label, 0, 1, columns.bytes[row]);
  }
  const total = [...sums.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const share = (label: Label) => {
    const sum = sums.get(label) ?? { files: 0, documents: 0, bytes: 0 };
    return { ...sum, share: total === 0 ? 0 : sum.bytes / total };
  };
  return {
    'in-domain': share('in-domain'),
    'held-out': share('held-out'),
    generic: share('generic'),
    excluded: share('excluded'),
  };
}

/** The label that a document counts under: its file's, or that of the passage that it is. */
export function labelOfDocument(
  standing: number,
  fileLabel: Label,
  role: CorpusSpecification['role'],
): Label {
  if (standing === standingCodes.file) return fileLabel;
  if (standing === standingCodes['held-out']) return 'held-out';
  return role === 'domain' ? 'in-domain' : 'generic';
}
