/** One line above each text of an experiment and above each labelled passage: what it is, and what can be done. */
import {
  CodeLens,
  type Command,
  type Disposable,
  EventEmitter,
  l10n,
  languages,
  Range,
  type TextDocument,
  workspace,
} from 'vscode';
import { type ExperimentFacts, type FileFacts, isText } from '../experiment-facts.ts';
import { type OpenDocuments, rangeOf } from '../open-documents.ts';
import type { TrackedPassage } from '../passage-tracker.ts';
import type { LabelStores } from '../store/label-stores.ts';
import { fileLensTitle, passageLensTitle, passageTokens } from '../words.ts';
import type { LabelLink } from './links.ts';

/** Above more passages than this lenses would only be noise; the tint and the hover stay. */
const passageLensLimit = 1000;

export function registerLenses(
  stores: LabelStores,
  documents: OpenDocuments,
  facts: ExperimentFacts,
  reasonOf: (file: string) => string | undefined,
): Disposable[] {
  const changed = new EventEmitter<void>();
  return [
    changed,
    stores.onDidChange(() => changed.fire()),
    documents.onDidChange(() => changed.fire()),
    facts.onDidChange(() => changed.fire()),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('parlance.codeLens')) changed.fire();
    }),
    languages.registerCodeLensProvider(
      { scheme: 'file' },
      {
        onDidChangeCodeLenses: changed.event,
        provideCodeLenses: (document) => lensesOf(document, { stores, documents, facts, reasonOf }),
      },
    ),
  ];
}

interface Known {
  readonly stores: LabelStores;
  readonly documents: OpenDocuments;
  readonly facts: ExperimentFacts;
  /** Why a file is to be reviewed. */
  readonly reasonOf: (file: string) => string | undefined;
}

async function lensesOf(
  document: TextDocument,
  { stores, documents, facts, reasonOf }: Known,
): Promise<CodeLens[] | undefined> {
  if (!workspace.getConfiguration('parlance', document.uri).get('codeLens', true)) return undefined;
  const store = stores.of(document.uri);
  if (store === undefined || !isText(document)) return undefined;
  await store.settled();
  const known = await facts.of(document.uri);
  const path = store.pathOf(document.uri);
  const passages = documents.passages(document);
  const isOfExperiment = known !== undefined && Object.keys(known.corpora).length > 0;
  if (!isOfExperiment && !store.index.names(path)) return undefined;
  const link: LabelLink = { file: document.uri.toString() };
  const title = fileLensTitle(store.index.holding(path), known?.corpora ?? {}, l10n.t);
  const reason = reasonOf(document.uri.fsPath);
  const top = [
    command(title, 'parlance.label', link),
    command(l10n.t('Label…'), 'parlance.label', link),
    ...(known === undefined ? [] : [command(l10n.t('Next unlabelled'), 'parlance.nextUnlabelled', link)]),
    ...(reason === undefined ? [] : [command(l10n.t('For review: {0}', reason), 'parlance.label', link)]),
  ];
  return [
    ...top.map((one) => new CodeLens(new Range(0, 0, 0, 0), one)),
    ...passages.slice(0, passageLensLimit).flatMap((passage) => passageLenses(document, passage, known)),
  ];
}

function passageLenses(
  document: TextDocument,
  passage: TrackedPassage,
  known: FileFacts | undefined,
): readonly CodeLens[] {
  if (passage.span === undefined) return [];
  const range = rangeOf(passage.span);
  const link: LabelLink = { file: document.uri.toString(), passage: passage.key };
  const bytes = Buffer.byteLength(document.getText(range));
  const size = passageTokens(bytes, Object.values(known?.corpora ?? {})[0]);
  return [
    command(passageLensTitle(passage.entry, size, l10n.t), 'parlance.label', link),
    command(l10n.t('Change'), 'parlance.label', link),
    command(l10n.t('Remove'), 'parlance.clearLabel', link),
  ].map((one) => new CodeLens(range, one));
}

function command(title: string, name: string, link: LabelLink): Command {
  return { title, command: name, arguments: [link] };
}
