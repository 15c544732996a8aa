/** Completions in parlance.json that the schema cannot give: folders and files on disk, methods with what they are. */
import {
  CompletionItem,
  CompletionItemKind,
  type CompletionItemProvider,
  type Disposable,
  FileType,
  l10n,
  languages,
  type Position,
  Range,
  type TextDocument,
  Uri,
  workspace,
} from 'vscode';
import { fileFormat } from '../../../corpus/reading/file-types.ts';
import { type JsonCursor, jsonCursor, matches } from './json-cursor.ts';

/** More would not be looked through. */
const ENTRIES = 200;

export function registerCompletions(): Disposable {
  const selector = { language: 'json', scheme: 'file', pattern: '**/parlance.json' };
  return languages.registerCompletionItemProvider(selector, provider, '"', '/');
}

const provider: CompletionItemProvider = {
  async provideCompletionItems(document, position) {
    const cursor = jsonCursor(document.getText(), document.offsetAt(position));
    if (cursor.inKey) return [];
    if (matches(cursor.path, ['methods', '*']))
      return methodItems(rangeOf(document, position, cursor), cursor);
    const isPath =
      matches(cursor.path, ['generic', 'sources', '*', 'path']) ||
      matches(cursor.path, ['domains', '*', 'sources', '*', 'path']);
    return isPath ? pathItems(document, rangeOf(document, position, cursor), cursor) : [];
  },
};

/** The string so far, or nothing. */
function rangeOf(document: TextDocument, position: Position, { string }: JsonCursor): Range {
  return new Range(string === undefined ? position : document.positionAt(string.start), position);
}

async function methodItems(range: Range, { string }: JsonCursor): Promise<CompletionItem[]> {
  const { methods } = await import('../../../methods/registry.ts');
  return methods.map(({ id, title }, i) => {
    const item = new CompletionItem({ label: id, description: title }, CompletionItemKind.EnumMember);
    item.insertText = string === undefined ? `"${id}"` : id;
    item.range = range;
    item.sortText = String(i).padStart(3, '0');
    return item;
  });
}

async function pathItems(
  document: TextDocument,
  range: Range,
  { string }: JsonCursor,
): Promise<CompletionItem[]> {
  const typed = string?.text ?? '';
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const base = Uri.joinPath(document.uri, '..', folder === '' ? '.' : folder);
  const entries = await workspace.fs.readDirectory(base).then(
    (found) => found,
    () => [],
  );
  const usable = entries
    .filter(([name]) => !name.startsWith('.') && name !== 'node_modules')
    .filter(
      ([name, type]) => (type & FileType.Directory) !== 0 || fileFormat(name, undefined, false) !== undefined,
    )
    .slice(0, ENTRIES)
    .map(([name, type]) => pathItem(`${folder}${name}`, (type & FileType.Directory) !== 0));
  const places = folder === '' ? [pathItem('.', true), pathItem('..', true)] : [];
  return [...usable, ...places].map((item) => {
    item.range = range;
    if (string === undefined) item.insertText = `"${String(item.insertText)}"`;
    return item;
  });
}

function pathItem(path: string, isFolder: boolean): CompletionItem {
  const detail = isFolder ? l10n.t('folder') : l10n.t('file');
  const kind = isFolder ? CompletionItemKind.Folder : CompletionItemKind.File;
  const item = new CompletionItem({ label: path, description: detail }, kind);
  item.insertText = path;
  item.sortText = `${isFolder ? 0 : 1}${path}`;
  return item;
}
