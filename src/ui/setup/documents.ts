/** Answers as readonly Markdown documents: they have a tab, can be searched and copied, and nothing is written to disk. */
import { commands, Disposable, EventEmitter, Uri, window, workspace } from 'vscode';

const SCHEME = 'parlance-answer';

export class AnswerDocuments implements Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly #registration: Disposable;

  constructor() {
    this.#registration = workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: ({ path }) => this.#texts.get(path) ?? '',
    });
  }

  /** Shows a text rendered; one with this title that is open already changes in place. */
  async show(title: string, markdown: string): Promise<void> {
    const uri = this.set(title, markdown);
    try {
      await commands.executeCommand('markdown.showPreview', uri);
    } catch {
      await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
    }
  }

  /** Changes the text without showing it. */
  set(title: string, markdown: string): Uri {
    const uri = Uri.from({ scheme: SCHEME, path: `/${title}.md` });
    this.#texts.set(uri.path, markdown);
    this.#changed.fire(uri);
    return uri;
  }

  dispose(): void {
    Disposable.from(this.#registration, this.#changed).dispose();
  }
}
