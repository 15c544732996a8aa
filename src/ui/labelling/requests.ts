/**
 * What a command is asked to label: what the explorer has selected, what a link names, the selections of the editor, or
 * the file that is open. Several folders of the workspace may be meant at once; each has labels of its own.
 */
import { FileType, TabInputText, type TextDocument, Uri, window, workspace } from 'vscode';
import { InputError } from '../../common/errors.ts';
import { globOfFolder, type LabelTarget } from '../../corpus/labels/label-edits.ts';
import { formatEntry, type Label, type LabelEntry } from '../../corpus/labels/labels.ts';
import { noFileToLabel } from '../missing.ts';
import { type LabelLink, parseLink } from './marks/links.ts';
import { type OpenDocuments, textOf } from './open-documents.ts';
import type { LabelStore } from './store/label-store.ts';
import type { LabelStores } from './store/label-stores.ts';
import { passagesUnder, targetOfPassage, targetsOfSelections } from './targets.ts';

export interface LabelRequest {
  readonly store: LabelStore;
  readonly targets: readonly LabelTarget[];
  /** One of the files or folders. */
  readonly uri: Uri;
  /** A label and domain that are meant to stay, for a passage that is put in the place of a lost one. */
  readonly replaces?: LabelEntry;
}

/** `set` takes an editor's selection as new passages; `clear` as those that are labelled there. */
type Purpose = 'set' | 'clear';

export class Requests {
  readonly #stores: LabelStores;
  readonly #documents: OpenDocuments;

  constructor(stores: LabelStores, documents: OpenDocuments) {
    this.#stores = stores;
    this.#documents = documents;
  }

  /** From the arguments that menus, links, keys and other parts give a command. Throws `InputError` when nothing is meant. */
  async from(args: readonly unknown[], purpose: Purpose): Promise<readonly LabelRequest[]> {
    const [first, second] = args;
    const link = parseLink(first);
    if (link !== undefined && link.passage !== undefined) return [await this.#passage(link, link.passage)];
    if (link !== undefined) return this.#files([Uri.parse(link.file, true)]);
    const selected = Array.isArray(second) ? second.flatMap((one) => uriOf(one) ?? []) : [];
    if (selected.length > 0) return this.#files(selected);
    const uri = uriOf(first);
    // A row means its file, also where that is open with a selection.
    if (uri !== undefined && !(first instanceof Uri)) return this.#files([uri]);
    const editor = window.activeTextEditor;
    if (editor !== undefined && (uri === undefined || uri.toString() === editor.document.uri.toString())) {
      return [await this.#selection(purpose)];
    }
    const meant = uri ?? openTab();
    if (meant !== undefined) return this.#files([meant]);
    throw noFileToLabel();
  }

  async #files(uris: readonly Uri[]): Promise<readonly LabelRequest[]> {
    const byStore = new Map<LabelStore, LabelRequest & { targets: LabelTarget[] }>();
    for (const uri of uris) {
      const store = await this.#stores.required(uri);
      const request = byStore.get(store) ?? { store, targets: [], uri };
      request.targets.push(await fileTarget(store, uri));
      byStore.set(store, request);
    }
    return [...byStore.values()];
  }

  async #selection(purpose: Purpose): Promise<LabelRequest> {
    const editor = window.activeTextEditor;
    if (editor === undefined) throw new InputError('No text is open.', 'Open a file and select some of it.');
    const { document, selections } = editor;
    const store = await this.#stores.required(document.uri);
    const path = requireLabelled(store, document.uri);
    const passages = this.#documents.passages(document);
    if (purpose === 'clear') {
      const under = selections.flatMap((selection) => passagesUnder(selection, passages));
      const targets = [...new Set(under)].map(targetOfPassage);
      return { store, uri: document.uri, targets: targets.length > 0 ? targets : [{ kind: 'file', path }] };
    }
    const targets = targetsOfSelections(path, textOf(document), selections, passages);
    return { store, uri: document.uri, targets };
  }

  async #passage(link: LabelLink, key: string): Promise<LabelRequest> {
    const uri = Uri.parse(link.file, true);
    const store = await this.#stores.required(uri);
    const path = store.pathOf(uri);
    const entry = store.index.passages(path).find((one) => formatEntry(one) === key);
    if (entry?.passage === undefined) {
      throw new InputError(`This passage of ${path} has another label by now.`, 'Look at it once more.');
    }
    if (link.instead === undefined) {
      return { store, uri, targets: [{ kind: 'passage', path, anchor: entry.passage, sameAs: [] }] };
    }
    const document = await workspace.openTextDocument(uri);
    const target: LabelTarget = {
      kind: 'passage',
      path,
      anchor: selectedAnchor(document),
      sameAs: [entry.passage],
    };
    return { store, uri, targets: [target], replaces: entry };
  }
}

function selectedAnchor(document: TextDocument) {
  const editor = window.visibleTextEditors.find((one) => one.document === document);
  const target = editor && targetsOfSelections('x.txt', textOf(document), [editor.selection], [])[0];
  if (target?.kind === 'passage') return target.anchor;
  throw new InputError(
    `No text of ${workspace.asRelativePath(document.uri)} is selected.`,
    'Select the text that the label belongs to, then choose "Label the selection instead" again.',
  );
}

async function fileTarget(store: LabelStore, uri: Uri): Promise<LabelTarget> {
  const { type } = await workspace.fs.stat(uri);
  if ((type & FileType.Directory) === 0) return { kind: 'file', path: requireLabelled(store, uri) };
  const path = store.pathOf(uri);
  return { kind: 'glob', glob: path === '' ? '**' : globOfFolder(path) };
}

function requireLabelled(store: LabelStore, uri: Uri): string {
  const path = store.pathOf(uri);
  if (!path.startsWith('.parlance/') && path !== 'parlance.json') return path;
  throw new InputError(`${path} belongs to Parlance and is no text to label.`, 'Choose another file.');
}

/** The address that an explorer, an editor's title or an item of a tree passes. */
function uriOf(value: unknown): Uri | undefined {
  if (value instanceof Uri) return value;
  if (typeof value !== 'object' || value === null || !('resourceUri' in value)) return undefined;
  return value.resourceUri instanceof Uri ? value.resourceUri : undefined;
}

function openTab(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof TabInputText ? input.uri : undefined;
}

/** What a label is put on, in words. */
export function nameOf({ targets }: LabelRequest): string {
  const [target] = targets;
  if (target.kind === 'glob') return target.glob;
  if (target.kind === 'file') return target.path;
  return `${target.path} (${(target.anchor.quote ?? target.anchor.head ?? '').slice(0, 30).replaceAll(/\s+/g, ' ')}…)`;
}

export type LabelChoice = { readonly label: Label; readonly domain: string | undefined };
