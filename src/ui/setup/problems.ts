/** Problems of parlance.json while it is open, a moment after the last key. */
import {
  Diagnostic,
  DiagnosticSeverity,
  Disposable,
  languages,
  Range,
  type TextDocument,
  type TextLine,
  workspace,
} from 'vscode';
import { experimentFileName } from '../experiments.ts';

const PAUSE_MS = 250;

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
  const check = async (document: TextDocument): Promise<void> => {
    const { version } = document;
    const { problemsOf } = await import('../../experiments/problems.ts');
    const problems = await problemsOf(document.getText(), document.uri.fsPath);
    if (document.isClosed || document.version !== version) return;
    collection.set(
      document.uri,
      problems.map(({ severity, line, message, hint }) => {
        const at = document.lineAt(Math.min(line, document.lineCount) - 1);
        const level = severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning;
        const diagnostic = new Diagnostic(contentOf(at), `${message} ${hint}`, level);
        diagnostic.source = 'Parlance';
        return diagnostic;
      }),
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
      collection.delete(uri);
    }),
    new Disposable(() => {
      for (const timer of waiting.values()) clearTimeout(timer);
    }),
  );
}

export function isExperimentFile({ uri }: Pick<TextDocument, 'uri'>): boolean {
  return uri.scheme === 'file' && uri.path.endsWith(`/${experimentFileName}`);
}

function contentOf({ lineNumber, firstNonWhitespaceCharacterIndex, range }: TextLine): Range {
  return new Range(lineNumber, firstNonWhitespaceCharacterIndex, lineNumber, range.end.character);
}
