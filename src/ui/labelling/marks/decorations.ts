/** Tints labelled passages, with a mark in the gutter whose shape says the label, and in the overview ruler. */
import {
  type Disposable,
  OverviewRulerLane,
  type TextEditor,
  type TextEditorDecorationType,
  ThemeColor,
  Uri,
  window,
} from 'vscode';
import { type Label, labelNames } from '../../../corpus/labels/labels.ts';
import { type OpenDocuments, rangeOf } from '../open-documents.ts';

/** The names of the colours in package.json. */
export const colorIds: Readonly<Record<Label, { readonly tint: string; readonly mark: string }>> = {
  'in-domain': { tint: 'parlance.inDomainBackground', mark: 'parlance.inDomainForeground' },
  'held-out': { tint: 'parlance.heldOutBackground', mark: 'parlance.heldOutForeground' },
  generic: { tint: 'parlance.genericBackground', mark: 'parlance.genericForeground' },
  excluded: { tint: 'parlance.excludedBackground', mark: 'parlance.excludedForeground' },
};

export class Decorations implements Disposable {
  readonly #documents: OpenDocuments;
  readonly #extension: Uri;
  readonly #disposables: Disposable[];
  /** Which labels an editor was painted with: most have one or two, and each that is painted costs a message. */
  readonly #painted = new WeakMap<TextEditor, Set<Label>>();
  #types: Readonly<Record<Label, TextEditorDecorationType>> | undefined;

  constructor(documents: OpenDocuments, extension: Uri) {
    this.#documents = documents;
    this.#extension = extension;
    this.#disposables = [
      documents.onDidChange((document) => {
        for (const editor of window.visibleTextEditors) if (editor.document === document) this.#paint(editor);
      }),
      window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) this.#paint(editor);
      }),
    ];
    for (const editor of window.visibleTextEditors) this.#paint(editor);
  }

  dispose(): void {
    for (const one of this.#disposables) one.dispose();
    for (const type of Object.values(this.#types ?? {})) type.dispose();
  }

  #paint(editor: TextEditor): void {
    const passages = this.#documents.passages(editor.document);
    if (passages.length === 0 && this.#types === undefined) return;
    this.#types ??= this.#makeTypes();
    const painted = this.#painted.get(editor) ?? new Set<Label>();
    this.#painted.set(editor, painted);
    for (const label of labelNames) {
      const ranges = passages.flatMap(({ entry, span }) =>
        entry.label === label && span !== undefined ? [rangeOf(span)] : [],
      );
      if (ranges.length === 0 && !painted.has(label)) continue;
      editor.setDecorations(this.#types[label], ranges);
      painted.add(label);
    }
  }

  #makeTypes(): Readonly<Record<Label, TextEditorDecorationType>> {
    const make = (label: Label) => this.#makeType(label);
    return {
      'in-domain': make('in-domain'),
      'held-out': make('held-out'),
      generic: make('generic'),
      excluded: make('excluded'),
    };
  }

  #makeType(label: Label): TextEditorDecorationType {
    const icon = (theme: string) => Uri.joinPath(this.#extension, 'media', 'labels', `${label}-${theme}.svg`);
    const { tint, mark } = colorIds[label];
    return window.createTextEditorDecorationType({
      backgroundColor: new ThemeColor(tint),
      overviewRulerColor: new ThemeColor(mark),
      overviewRulerLane: OverviewRulerLane.Right,
      // Not by colour alone: each label has its own line below, as it has its own shape in the gutter.
      borderWidth: label === 'held-out' ? '0 0 3px 0' : '0 0 1px 0',
      borderStyle: { 'in-domain': 'solid', 'held-out': 'double', generic: 'dotted', excluded: 'dashed' }[
        label
      ],
      borderColor: new ThemeColor(mark),
      gutterIconSize: 'contain',
      light: { gutterIconPath: icon('light') },
      dark: { gutterIconPath: icon('dark') },
    });
  }
}
