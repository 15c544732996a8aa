/**
 * The labelled passages of the visible texts, followed through edits. Passages whose own text is being edited are looked for
 * again when the edits pause; on saving, the anchors in labels.json are brought up to date. What changed on disk (a pull, a
 * formatter) is no edit of this editor: there passages are placed anew, as a run would place them.
 */
import {
  type Disposable,
  EventEmitter,
  Position,
  Range,
  type TextDocument,
  type TextDocumentChangeEvent,
  window,
  workspace,
} from 'vscode';
import { normalizeText } from '../../corpus/labels/passages.ts';
import { PassageTracker, type TrackedPassage } from './passage-tracker.ts';
import type { PlaceSpan } from './places.ts';
import type { LabelStore } from './store/label-store.ts';
import type { LabelStores } from './store/label-stores.ts';

const pauseMs = 150;

interface Followed {
  readonly document: TextDocument;
  readonly store: LabelStore;
  readonly path: string;
  readonly tracker: PassageTracker;
  timer: NodeJS.Timeout | undefined;
  /** The last changes came while the text was as on disk. */
  wasClean: boolean;
}

export class OpenDocuments implements Disposable {
  readonly #stores: LabelStores;
  readonly #followed = new Map<string, Followed>();
  readonly #changed = new EventEmitter<TextDocument>();
  /** The passages of a text are different or elsewhere in a way that the editor's own ranges do not follow. */
  readonly onDidChange = this.#changed.event;
  readonly #disposables: Disposable[];

  constructor(stores: LabelStores) {
    this.#stores = stores;
    this.#disposables = [
      this.#changed,
      stores.onDidChange(({ store, paths }) => {
        for (const one of this.#followed.values()) {
          if (one.store === store && (paths === undefined || paths.has(one.path))) this.#load(one);
        }
      }),
      workspace.onDidChangeTextDocument((event) => this.#edit(event)),
      workspace.onDidSaveTextDocument((document) => this.#saved(document)),
      workspace.onDidCloseTextDocument((document) => this.#close(document)),
      window.onDidChangeVisibleTextEditors((editors) => {
        for (const { document } of editors) this.passages(document);
      }),
    ];
  }

  /** The passages of a text, in the order of the labels file. */
  passages(document: TextDocument): readonly TrackedPassage[] {
    return this.follow(document)?.passages ?? [];
  }

  /** The tracker of a text that can have labels. */
  follow(document: TextDocument): PassageTracker | undefined {
    const key = document.uri.toString();
    const known = this.#followed.get(key);
    if (known?.document === document) return known.tracker;
    const store = this.#stores.of(document.uri);
    if (store === undefined || document.isClosed) return undefined;
    const followed: Followed = {
      document,
      store,
      path: store.pathOf(document.uri),
      tracker: new PassageTracker(),
      timer: undefined,
      wasClean: false,
    };
    this.#followed.set(key, followed);
    followed.tracker.load(store.index.passages(followed.path), () => textOf(document));
    return followed.tracker;
  }

  /** All texts that are followed, with where they belong. */
  all(): readonly { readonly document: TextDocument; readonly store: LabelStore; readonly path: string }[] {
    return [...this.#followed.values()];
  }

  dispose(): void {
    for (const { timer } of this.#followed.values()) clearTimeout(timer);
    for (const one of this.#disposables) one.dispose();
  }

  #load({ document, store, path, tracker }: Followed): void {
    tracker.load(store.index.passages(path), () => textOf(document));
    this.#changed.fire(document);
  }

  #edit({ document, contentChanges }: TextDocumentChangeEvent): void {
    const followed = this.#followed.get(document.uri.toString());
    if (followed === undefined) return;
    const changes = contentChanges.map(({ range, text }) => ({ start: range.start, end: range.end, text }));
    if (!followed.tracker.edit(changes)) return;
    followed.wasClean = !document.isDirty;
    clearTimeout(followed.timer);
    followed.timer = setTimeout(() => this.#afterPause(followed), pauseMs);
  }

  /** The first edit of a text may be told before the text is called dirty; one read from disk still is not after a pause. */
  #afterPause(followed: Followed): void {
    const { document, tracker, wasClean } = followed;
    if (wasClean && !document.isDirty) {
      tracker.placeAnew(() => textOf(document));
      this.#changed.fire(document);
    } else this.#check(followed);
  }

  #check(followed: Followed): void {
    clearTimeout(followed.timer);
    if (followed.tracker.check(() => textOf(followed.document))) this.#changed.fire(followed.document);
  }

  async #saved(document: TextDocument): Promise<void> {
    const followed = this.#followed.get(document.uri.toString());
    if (followed === undefined || followed.tracker.passages.length === 0) return;
    this.#check(followed);
    const moves = followed.tracker.anchorMoves(textOf(document));
    await followed.store.moveAnchors(moves).catch((error: Error) => {
      void window.showWarningMessage(error.message);
    });
  }

  #close(document: TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.#followed.get(key)?.timer);
    this.#followed.delete(key);
  }
}

/** A text as labels count it: with LF line ends. The editor has taken the byte-order mark off. */
export function textOf(document: TextDocument): string {
  return normalizeText(document.getText());
}

export function rangeOf({ start, end }: PlaceSpan): Range {
  return new Range(new Position(start.line, start.character), new Position(end.line, end.character));
}
