/** From the tables of an experiment to what people see: totals a label, and warnings in plain sentences. */
import { relative, sep } from 'node:path';
import type { ParlanceError } from '../common/errors.ts';
import { skipReasons } from '../corpus/documents/report.ts';
import type { Label } from '../corpus/labels/labels.ts';
import type { CorpusFollower } from '../corpus/watching/corpus-follower.ts';
import type { CorpusTotals, Totals } from '../corpus/watching/corpus-totals.ts';
import type { Likeness } from '../corpus/watching/likeness.ts';
import type { HeldoutQuote, QuotesFollowed } from '../corpus/watching/quotes-followed.ts';
import type { TableFile } from '../corpus/watching/table-file.ts';
import type { TextTable } from '../corpus/watching/texts.ts';
import type { CorpusFacts, CorpusWarning, IndexedFile, LabelTotals, TokenCount } from './workspace-index.ts';

export interface SummaryContext {
  /** The folder of the experiment; paths in sentences are relative to it. */
  readonly root: string;
  readonly texts: TextTable;
  readonly bytesPerToken: number;
  readonly likeness: Likeness;
  readonly quotes: QuotesFollowed;
}

const shownFiles = 10;
/** Held-out texts of a corpus that have a warning of their own. */
const quoteWarningLimit = 20;

/** What the index says of one corpus. */
export function corpusFacts(
  { table, problems, linksOutside, passedOver }: CorpusFollower,
  isScanning: boolean,
  context: SummaryContext,
): CorpusFacts {
  const totals = table.totals();
  const { name, role } = table.specification;
  const labels: Partial<Record<Label, LabelTotals>> = {};
  for (const [label, sum] of totals.labels) labels[label] = labelTotals(sum, context.bytesPerToken);
  const { explicitHeldout } = totals;
  const warnings = [
    ...problems.map(problemWarning),
    ...outsideWarnings(linksOutside, context),
    ...(isScanning ? [] : amountWarnings(table.specification, totals, problems.length > 0)),
    ...lostWarnings(totals, context),
    ...passedOverWarnings(passedOver, context),
    ...skippedWarnings(totals, context),
    ...duplicateWarnings(name, totals, context),
    ...context.likeness.contamination(name).map(({ heldout, others, count }): CorpusWarning => {
      const where = shown(others, context.root);
      return {
        kind: 'contamination',
        message: `Held-out text of ${name} also stands, word for word, in ${where}: ${plural(count, 'text')}.`,
        hint: 'Leave it: a run removes such text from training or leaves it out of the evaluation. Or exclude one of the two files.',
        files: [...heldout, ...others].slice(0, shownFiles),
        count,
      };
    }),
    ...quoteWarnings(name, context),
  ];
  return { name, role, labels, explicitHeldout, warnings };
}

/** What a corpus makes of a file. */
export function indexedFile({ file, labelled, contents }: TableFile, context: SummaryContext): IndexedFile {
  const { texts, bytesPerToken } = context;
  const sum: Totals = { files: 1, passages: 0, bytes: 0, tokens: 0, uncountedBytes: 0 };
  for (const row of contents?.rows ?? []) {
    const [bytes, tokens] = [texts.bytesOf(row), texts.tokensOf(row)];
    sum.bytes += bytes;
    if (tokens === undefined) sum.uncountedBytes += bytes;
    else sum.tokens += tokens;
  }
  if (contents === undefined) {
    sum.bytes = file.found.size;
    sum.uncountedBytes = file.found.size;
  }
  return {
    path: file.found.absolute,
    bytes: sum.bytes,
    size: tokenCount(sum, bytesPerToken),
    label: file.label,
    labelled,
    passages: file.passages.length - (contents?.lost.length ?? 0),
  };
}

function labelTotals(sum: Totals, bytesPerToken: number): LabelTotals {
  const { files, passages, bytes } = sum;
  return { files, passages, bytes, ...tokenCount(sum, bytesPerToken) };
}

function tokenCount({ tokens, uncountedBytes }: Totals, bytesPerToken: number): TokenCount {
  if (uncountedBytes === 0) return { tokens, source: 'counted' };
  return { tokens: Math.round(tokens + uncountedBytes / bytesPerToken), source: 'estimated' };
}

function problemWarning({ message, hint }: ParlanceError): CorpusWarning {
  return { kind: 'unreadable', message, hint, files: [], count: 1 };
}

function outsideWarnings(links: readonly string[], { root }: SummaryContext): CorpusWarning[] {
  if (links.length === 0) return [];
  return [
    {
      kind: 'unreadable',
      message: `${plural(links.length, 'link')} out of the folder ${links.length === 1 ? 'is' : 'are'} not followed because the workspace is not trusted: ${shown(links, root)}.`,
      hint: 'Trust the workspace to read what they point to.',
      files: links.slice(0, shownFiles),
      count: links.length,
    },
  ];
}

/** Fewer texts than a run can divide into training, validation and held-out text. */
function amountWarnings(
  { name, sources, split }: CorpusFollower['table']['specification'],
  { texts, explicitHeldout }: CorpusTotals,
  hasProblems: boolean,
): CorpusWarning[] {
  const places = sources.map(({ path }) => path).join(', ');
  if (texts === 0) {
    if (hasProblems) return [];
    const message = `No text was found for ${name} in ${places}.`;
    const hint = 'Add text files, or check the include patterns, .gitignore and labels.';
    return [{ kind: 'no text', message, hint, files: [], count: 0 }];
  }
  const wanted = 1 + Number(split.validation > 0) + Number(split.heldout > 0 || explicitHeldout);
  if (texts >= wanted) return [];
  return [
    {
      kind: 'too little text',
      message: `${name} has ${plural(texts, 'text')}: too few to divide into training, validation and held-out text.`,
      hint: `Add files: ${wanted} at least are needed. Or label a passage as held-out: the text around it counts apart.`,
      files: [],
      count: texts,
    },
  ];
}

function lostWarnings({ lost }: CorpusTotals, { root }: SummaryContext): CorpusWarning[] {
  if (lost.length === 0) return [];
  const [first] = lost;
  const more = lost.length === 1 ? '' : ` And ${plural(lost.length - 1, 'more')}.`;
  return [
    {
      kind: 'lost passage',
      message: `A passage labelled ${first.label} can no longer be placed in ${shown([first.absolute], root)} ("${first.quote}"): ${first.reason}.${more}`,
      hint: 'Select the text again and label it, or clear the label. Until then it counts as the rest of its file.',
      files: unique(lost.map(({ absolute }) => absolute)),
      count: lost.length,
    },
  ];
}

function passedOverWarnings(
  passedOver: CorpusFollower['passedOver'],
  { root }: SummaryContext,
): CorpusWarning[] {
  return [...passedOver].map(([reason, files]) => ({
    kind: 'unreadable',
    message: `Not read: ${plural(files.length, 'path')} (${skipReasons[reason]}), for example ${shown(files, root)}.`,
    hint: 'Exclude such paths in the experiment file, name them in an include pattern, or mend them.',
    files: unique(files),
    count: files.length,
  }));
}

function skippedWarnings({ skipped }: CorpusTotals, { root }: SummaryContext): CorpusWarning[] {
  return [...skipped]
    .filter(([reason]) => reason !== 'unsupported' && reason !== 'own-output')
    .map(([reason, { count, files }]) => ({
      kind: reason === 'empty' ? ('no text' as const) : ('unreadable' as const),
      message: `Not read: ${plural(count, 'text')} (${skipReasons[reason]}), for example in ${shown(files, root)}.`,
      hint: 'Exclude such files in the experiment file, or mend them.',
      files,
      count,
    }));
}

function duplicateWarnings(
  name: string,
  { copies }: CorpusTotals,
  { root, likeness }: SummaryContext,
): CorpusWarning[] {
  const warnings: CorpusWarning[] = [];
  if (copies.count > 0) {
    warnings.push({
      kind: 'duplicates',
      message: `${plural(copies.count, 'text')} of ${name} ${copies.count === 1 ? 'is a copy' : 'are copies'} of others, for example in ${shown(copies.files, root)}.`,
      hint: 'A run keeps each text once; nothing has to be done.',
      files: copies.files,
      count: copies.count,
    });
  }
  const near = likeness.duplicates(name);
  if (near.count > 0) {
    warnings.push({
      kind: 'duplicates',
      message: `${plural(near.count, 'text')} of ${name} ${near.count === 1 ? 'is a near-copy' : 'are near-copies'} of others (half or more of the runs of five words in common), for example in ${shown(near.files, root)}.`,
      hint: 'A run keeps near-copies in one split. In training they weigh more than other text; exclude those that you do not want.',
      files: near.files,
      count: near.count,
    });
  }
  return warnings;
}

/** One warning a held-out text, up to a limit, and one for all others. */
function quoteWarnings(name: string, { root, quotes }: SummaryContext): CorpusWarning[] {
  const found = quotes.of(name);
  const hint =
    'A run takes files of the domain out of training that hold half of such a text, or a long part of it; shorter parts, and what stands in the generic corpus, are trained on. Exclude one of the two places, or hold out another passage.';
  const warnings = found.slice(0, quoteWarningLimit).map((quote): CorpusWarning => {
    const { heldout, isPassage, others } = quote;
    const [first] = others;
    const percent = `${Math.floor(100 * first.share)} % of it`;
    const where =
      first.file === heldout
        ? 'stands once more in the same file'
        : `also stands in ${shown([first.file], root)}`;
    const more = others.length === 1 ? '' : `, and in ${plural(others.length - 1, 'more file')}`;
    return {
      kind: 'contamination',
      message: `${isPassage ? 'A held-out passage' : 'Held-out text'} of ${shown([heldout], root)} ${where} (${percent})${more}.`,
      hint,
      files: unique([heldout, ...others.map(({ file }) => file)]),
      count: others.length,
    };
  });
  const rest: readonly HeldoutQuote[] = found.slice(quoteWarningLimit);
  if (rest.length > 0) {
    const files = unique(rest.map(({ heldout }) => heldout));
    warnings.push({
      kind: 'contamination',
      message: `${plural(rest.length, 'more held-out text')} of ${name} also ${rest.length === 1 ? 'stands' : 'stand'} in other files that are trained on, for example from ${shown(files, root)}.`,
      hint,
      files,
      count: rest.length,
    });
  }
  return warnings;
}

function unique(files: readonly string[]): string[] {
  return [...new Set(files)].slice(0, shownFiles);
}

/** The first paths of some, for a sentence. */
function shown(files: readonly string[], root: string): string {
  const names = unique(files).map((file) => {
    const inner = relative(root, file);
    return inner.startsWith('..') ? file : inner.split(sep).join('/');
  });
  return names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
}

function plural(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${count === 1 || word === 'more' ? word : `${word}s`}`;
}
