/** Problems of parlance.json while it is open, a moment after the last key: those that the editor's JSON support does not tell. */
import {
  Diagnostic,
  DiagnosticSeverity,
  Disposable,
  languages,
  Range,
  type TextDocument,
  type TextLine,
  type Uri,
  workspace,
} from 'vscode';
import type { FileProblem } from '../../../experiments/config/problems.ts';
import { experimentFileName } from '../../experiments.ts';

const PAUSE_MS = 250;
const SOURCE = 'Parlance';

interface Found {
  readonly document: TextDocument;
  readonly problems: readonly FileProblem[];
  /** The lines of which others had told when these problems were shown; `undefined` before. */
  told: string | undefined;
  readonly leftToSay: typeof import('../../../experiments/config/problems.ts').leftToSay;
}

export function registerProblems(): Disposable {
  const collection = languages.createDiagnosticCollection('parlance-experiment');
  const waiting = new Map<string, NodeJS.Timeout>();
  const later = (document: TextDocument, ms: number): void => {
    if (!isExperimentFile(document)) return;
    const key = document.uri.toString();
    clearTimeout(waiting.get(key));
    waiting.set(
      key,
      setTimeout(() => {
        waiting.delete(key);
        void check(document);
      }, ms),
    );
  };
  const found = new Map<string, Found>();
  const check = async (document: TextDocument): Promise<void> => {
    const { version } = document;
    const { leftToSay, problemsOf } = await import('../../../experiments/config/problems.ts');
    const problems = await problemsOf(document.getText(), document.uri.fsPath);
    if (document.isClosed || document.version !== version) return;
    found.set(document.uri.toString(), { document, problems, leftToSay, told: undefined });
    show(document.uri);
  };
  const show = (uri: Uri): void => {
    const known = found.get(uri.toString());
    if (known === undefined) return;
    const told = linesToldByOthers(uri);
    // Setting the collection is told of as a change of the document's diagnostics, too.
    if (told.join() === known.told) return;
    known.told = told.join();
    const left = known.leftToSay(known.problems, told);
    collection.set(
      uri,
      left.map((problem) => diagnosticOf(known.document, problem)),
    );
  };
  for (const document of workspace.textDocuments) later(document, 0);
  return Disposable.from(
    collection,
    workspace.onDidOpenTextDocument((document) => later(document, 0)),
    workspace.onDidChangeTextDocument(({ document }) => later(document, PAUSE_MS)),
    workspace.onDidSaveTextDocument((document) => later(document, 0)),
    workspace.onDidCloseTextDocument(({ uri }) => {
      clearTimeout(waiting.get(uri.toString()));
      waiting.delete(uri.toString());
      found.delete(uri.toString());
      collection.delete(uri);
    }),
    // The editor's own check of the JSON Schema comes sooner or later than ours.
    languages.onDidChangeDiagnostics(({ uris }) => {
      for (const uri of uris) show(uri);
    }),
    new Disposable(() => {
      for (const timer of waiting.values()) clearTimeout(timer);
    }),
  );
}

function diagnosticOf(document: TextDocument, { severity, line, message, hint }: FileProblem): Diagnostic {
  const at = document.lineAt(Math.min(line, document.lineCount) - 1);
  const level = severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning;
  const diagnostic = new Diagnostic(contentOf(at), `${message} ${hint}`, level);
  diagnostic.source = SOURCE;
  return diagnostic;
}

/** From 1. */
function linesToldByOthers(uri: Uri): readonly number[] {
  return languages
    .getDiagnostics(uri)
    .filter(({ source }) => source !== SOURCE)
    .map(({ range }) => range.start.line + 1);
}

export function isExperimentFile({ uri }: Pick<TextDocument, 'uri'>): boolean {
  return uri.scheme === 'file' && uri.path.endsWith(`/${experimentFileName}`);
}

function contentOf({ lineNumber, firstNonWhitespaceCharacterIndex, range }: TextLine): Range {
  return new Range(lineNumber, firstNonWhitespaceCharacterIndex, lineNumber, range.end.character);
}
