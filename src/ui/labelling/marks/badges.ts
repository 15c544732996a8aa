/** A letter on each labelled file in the explorer; only files whose entries changed are asked for again. */
import {
  type Disposable,
  EventEmitter,
  type FileDecoration,
  l10n,
  ThemeColor,
  type Uri,
  window,
} from 'vscode';
import type { LabelStores } from '../store/label-stores.ts';
import { fileBadge } from '../words.ts';
import { colorIds } from './decorations.ts';

export function registerBadges(stores: LabelStores): Disposable[] {
  const changed = new EventEmitter<Uri[] | undefined>();
  return [
    changed,
    stores.onDidChange(({ store, paths }) =>
      changed.fire(paths === undefined ? undefined : [...paths].map((path) => store.uriOf(path))),
    ),
    window.registerFileDecorationProvider({
      onDidChangeFileDecorations: changed.event,
      provideFileDecoration: (uri) => decorationOf(stores, uri),
    }),
  ];
}

async function decorationOf(stores: LabelStores, uri: Uri): Promise<FileDecoration | undefined> {
  const store = stores.of(uri);
  if (store === undefined) return undefined;
  await store.settled();
  const path = store.pathOf(uri);
  if (path === '' || path.startsWith('.parlance/')) return undefined;
  const badge = fileBadge(store.index.holding(path), store.index.passages(path), l10n.t);
  if (badge === undefined) return undefined;
  return {
    badge: badge.letter,
    tooltip: `Parlance: ${badge.tooltip}`,
    color: new ThemeColor(colorIds[badge.label].mark),
    propagate: false,
  };
}
