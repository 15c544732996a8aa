/** The hover of a labelled passage: its label, who said so, who is affected, and what can be done. */
import { type Disposable, Hover, l10n, languages, type Position, type TextDocument, workspace } from 'vscode';
import { normalizeText } from '../../../corpus/labels/passages.ts';
import { standsOutside } from '../also-in.ts';
import { type ExperimentFacts, type FileFacts, isText } from '../experiment-facts.ts';
import { type OpenDocuments, rangeOf, textOf } from '../open-documents.ts';
import { holdsOver, type TrackedPassage } from '../passage-tracker.ts';
import type { LabelStores } from '../store/label-stores.ts';
import { passageHover, passageTokens } from '../words.ts';
import { hoverText, type LabelLink } from './links.ts';

export function registerHovers(
  stores: LabelStores,
  documents: OpenDocuments,
  facts: ExperimentFacts,
): Disposable {
  return languages.registerHoverProvider(
    { scheme: 'file' },
    { provideHover: (document, position) => hoverAt(document, position, { stores, documents, facts }) },
  );
}

interface Known {
  readonly stores: LabelStores;
  readonly documents: OpenDocuments;
  readonly facts: ExperimentFacts;
}

async function hoverAt(
  document: TextDocument,
  position: Position,
  { stores, documents, facts }: Known,
): Promise<Hover | undefined> {
  const [passage, ...under] = documents.follow(document)?.at(position) ?? [];
  if (passage?.span === undefined) return undefined;
  const known = await facts.of(document.uri);
  const range = rangeOf(passage.span);
  const corpora = Object.values(known?.corpora ?? {});
  const lines = [passage, ...under].flatMap((one, index) => [
    ...passageHover(
      {
        entry: one.entry,
        size: passageTokens(sizeOf(document, one), corpora[0]),
        explicitHeldout: explicitHeldoutOf(known, one),
        heldBy: index > 0 && holdsOver(passage.entry, one.entry) ? passage.entry : undefined,
        alsoIn: one.entry.label === 'held-out' ? alsoIn(document, one, stores, documents) : [],
        warnings: index === 0 ? contamination(known, document) : [],
      },
      l10n.t,
    ),
  ]);
  const link: LabelLink = { file: document.uri.toString(), passage: passage.key };
  const text = hoverText(lines, [
    { title: l10n.t('Change'), command: 'parlance.label', link },
    { title: l10n.t('Remove'), command: 'parlance.clearLabel', link },
  ]);
  return new Hover(text, range);
}

function sizeOf(document: TextDocument, { span }: TrackedPassage): number {
  return span === undefined ? 0 : Buffer.byteLength(document.getText(rangeOf(span)));
}

function explicitHeldoutOf(known: FileFacts | undefined, { entry }: TrackedPassage): boolean | undefined {
  const domains = known?.summary?.corpora.filter(({ role }) => role === 'domain') ?? [];
  const corpus = domains.find(({ name }) => name === entry.domain) ?? domains[0];
  return corpus?.explicitHeldout;
}

function contamination(known: FileFacts | undefined, document: TextDocument): readonly string[] {
  const warnings = known?.summary?.corpora.flatMap((corpus) => corpus.warnings) ?? [];
  return warnings
    .filter(({ kind, files }) => kind === 'contamination' && files.includes(document.uri.fsPath))
    .map(({ message }) => message);
}

/** The open texts in which a held-out passage stands once more, outside what is held out, generic or excluded. */
function alsoIn(
  document: TextDocument,
  passage: TrackedPassage,
  stores: LabelStores,
  documents: OpenDocuments,
): readonly string[] {
  if (passage.span === undefined) return [];
  const needle = normalizeText(document.getText(rangeOf(passage.span)));
  return workspace.textDocuments
    .filter((other) => {
      const store = stores.of(other.uri);
      if (store === undefined || !isText(other)) return false;
      const holding = store.index.holding(store.pathOf(other.uri));
      if (holding.some(({ label }) => label !== 'in-domain')) return false;
      return standsOutside(textOf(other), needle, documents.passages(other));
    })
    .map((other) => workspace.asRelativePath(other.uri));
}
