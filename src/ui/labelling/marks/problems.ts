/** What is wrong with labels, in Problems: a file that cannot be read, passages that are lost, entries that name nothing. */
import {
  CodeAction,
  CodeActionKind,
  Diagnostic,
  type DiagnosticCollection,
  DiagnosticSeverity,
  type Disposable,
  l10n,
  languages,
  Range,
  type TextDocument,
} from 'vscode';
import { locateJson } from '../../../common/json-locations.ts';
import { formatEntry, LabelsFileError, parseLabels } from '../../../corpus/labels/labels.ts';
import type { ExperimentFacts } from '../experiment-facts.ts';
import { LostPassages } from '../lost-passages.ts';
import type { OpenDocuments } from '../open-documents.ts';
import type { LabelStore } from '../store/label-store.ts';
import type { LabelStores } from '../store/label-stores.ts';
import { lostText } from '../words.ts';
import type { LabelLink } from './links.ts';

const source = 'Parlance';

export class Problems implements Disposable {
  readonly #stores: LabelStores;
  readonly #documents: OpenDocuments;
  readonly #facts: ExperimentFacts;
  readonly #collection: DiagnosticCollection = languages.createDiagnosticCollection('parlance.labels');
  readonly #lost = new Map<LabelStore, LostPassages>();
  readonly #disposables: Disposable[];

  constructor(stores: LabelStores, documents: OpenDocuments, facts: ExperimentFacts) {
    this.#stores = stores;
    this.#documents = documents;
    this.#facts = facts;
    this.#disposables = [
      this.#collection,
      facts.onDidChange(() => {
        for (const store of stores.all()) this.#publish(store);
      }),
      stores.onDidChange(({ store, paths }) => {
        this.#lostOf(store).look(paths);
        this.#follow(store);
      }),
      facts.onDidChangeExperiments(() => {
        for (const store of stores.all()) this.#follow(store);
      }),
      documents.onDidChange((document) => {
        const store = stores.of(document.uri);
        if (store !== undefined) this.#lostOf(store).look([store.pathOf(document.uri)]);
      }),
      languages.registerCodeActionsProvider(
        { scheme: 'file' },
        { provideCodeActions: (document, range) => this.#fixes(document, range) },
        { providedCodeActionKinds: [CodeActionKind.QuickFix] },
      ),
    ];
  }

  dispose(): void {
    for (const one of this.#disposables) one.dispose();
    for (const one of this.#lost.values()) one.dispose();
  }

  #follow(store: LabelStore): void {
    if (store.text !== '') void this.#facts.follow(store.file);
  }

  #lostOf(store: LabelStore): LostPassages {
    let lost = this.#lost.get(store);
    if (lost === undefined) {
      lost = new LostPassages(store, this.#documents);
      lost.onDidChange(() => this.#publish(store));
      this.#lost.set(store, lost);
    }
    return lost;
  }

  #publish(store: LabelStore): void {
    this.#collection.forEach((uri) => {
      if (this.#stores.of(uri) === store) this.#collection.delete(uri);
    });
    const { problem } = store;
    if (problem !== undefined) {
      const line = problem instanceof LabelsFileError ? problem.line : 1;
      const text = `${problem.message} ${problem.hint}`;
      this.#collection.set(store.file, [diagnostic(line - 1, text, DiagnosticSeverity.Error)]);
      return;
    }
    const { lost } = this.#lostOf(store);
    const unnamed = this.#facts.lostLabels(store.file.fsPath);
    if (lost.size + unnamed.size === 0) return;
    const lineOf = entryLines(store);
    const inLabels: Diagnostic[] = [];
    for (const [path, passages] of lost) {
      const found = passages.map(({ entry, why }) =>
        diagnostic(0, lostText(entry, why, l10n.t), DiagnosticSeverity.Warning),
      );
      if (passages[0].why === 'edited') this.#collection.set(store.uriOf(path), found);
      passages.forEach(({ entry }, at) => {
        const line = lineOf.get(formatEntry(entry));
        if (line !== undefined) {
          inLabels.push(diagnostic(line - 1, `${path}: ${found[at].message}`, DiagnosticSeverity.Warning));
        }
      });
    }
    const told = new Set([...lost.values()].flat().map(({ entry }) => formatEntry(entry)));
    for (const [text, { message }] of unnamed) {
      const line = lineOf.get(text);
      if (line !== undefined && !told.has(text))
        inLabels.push(diagnostic(line - 1, message, DiagnosticSeverity.Warning));
    }
    this.#collection.set(store.file, inLabels);
  }

  #fixes(document: TextDocument, range: Range): CodeAction[] {
    const store = this.#stores.of(document.uri);
    if (store === undefined || store.problem !== undefined) return [];
    const here = (this.#collection.get(document.uri) ?? []).filter((one) => one.range.intersection(range));
    if (document.uri.toString() === store.file.toString()) return this.#fixesInLabels(store, here);
    const path = store.pathOf(document.uri);
    const lost = this.#lostOf(store).lost.get(path) ?? [];
    if (lost.length === 0 || (here.length === 0 && range.isEmpty)) return [];
    return lost.flatMap(({ entry }) => {
      const key = formatEntry(entry);
      const file = document.uri.toString();
      const name = (entry.passage?.quote ?? entry.passage?.head ?? '').slice(0, 30);
      const suffix = lost.length > 1 ? ` (“${name}…”)` : '';
      return [
        fix(l10n.t('Label the selection instead') + suffix, 'parlance.label', here, {
          file,
          passage: key,
          instead: 'selection',
        }),
        fix(l10n.t('Remove this entry') + suffix, 'parlance.clearLabel', here, { file, passage: key }),
      ];
    });
  }

  #fixesInLabels(store: LabelStore, here: readonly Diagnostic[]): CodeAction[] {
    if (here.length === 0) return [];
    const lines = entryLines(store);
    return [...this.#renames(store, here, lines), ...removals(store, here, lines)];
  }

  /** Of labels that name nothing: what was renamed outside of the editor takes them along after all. */
  #renames(store: LabelStore, here: readonly Diagnostic[], lines: ReadonlyMap<string, number>): CodeAction[] {
    const file = store.file.toString();
    return [...this.#facts.lostLabels(store.file.fsPath)].flatMap(([key, { renames }]) => {
      const at = here.filter(({ range }) => range.start.line + 1 === lines.get(key));
      if (at.length === 0) return [];
      return renames.map((rename) =>
        fix(l10n.t('It is {0} now: let the label follow', rename.to), 'parlance.followRename', at, {
          file,
          rename,
        }),
      );
    });
  }
}

/** Whatever is wrong with an entry, it can be taken out. */
function removals(
  store: LabelStore,
  here: readonly Diagnostic[],
  lines: ReadonlyMap<string, number>,
): CodeAction[] {
  return [...lines].flatMap(([entry, line]) => {
    const at = here.filter(({ range }) => range.start.line + 1 === line);
    const link: LabelLink = { file: store.file.toString(), entry };
    return at.length === 0 ? [] : [fix(l10n.t('Remove this entry'), 'parlance.clearLabel', at, link)];
  });
}

/** The lines (from 1) of the entries in the labels file as it was last read. */
function entryLines(store: LabelStore): ReadonlyMap<string, number> {
  if (store.text === '') return new Map();
  const locations = locateJson(store.text);
  const entries = parseLabels(store.text, store.pathOf(store.file));
  return new Map(entries.map((entry, at) => [formatEntry(entry), locations.lineOf(['labels', at])]));
}

function diagnostic(line: number, text: string, severity: DiagnosticSeverity): Diagnostic {
  const result = new Diagnostic(new Range(line, 0, line, 1000), text, severity);
  result.source = source;
  return result;
}

function fix(
  title: string,
  command: string,
  diagnostics: readonly Diagnostic[],
  link: LabelLink,
): CodeAction {
  const action = new CodeAction(title, CodeActionKind.QuickFix);
  action.command = { title, command, arguments: [link] };
  action.diagnostics = [...diagnostics];
  return action;
}
