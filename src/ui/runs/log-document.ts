/**
 * The log of a run as a document that cannot be edited and grows while it is open. It opens at its end, and stays there
 * while the cursor does.
 */
import {
  type Disposable,
  EventEmitter,
  l10n,
  Position,
  Range,
  Selection,
  type TextDocument,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from 'vscode';
import { formatLocalTime } from '../../common/format.ts';
import type { RunView } from '../../experiments/runs/run-view.ts';
import type { Hosts, Subscription } from '../../host/hosts.ts';
import { isLiving, shortMethodWords } from '../run-words.ts';
import { LogText } from './log-text.ts';

const SCHEME = 'parlance-log';
const LAST_LINES = 40;
/** Shortest distance between two refreshes of an open log. */
const REFRESH_MS = 500;

export class LogDocuments implements TextDocumentContentProvider, Disposable {
  readonly #hosts: Hosts;
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #open = new Map<string, OpenLog>();
  readonly #disposables: Disposable[];

  constructor(hosts: Hosts) {
    this.#hosts = hosts;
    this.#disposables = [
      this.#changed,
      workspace.registerTextDocumentContentProvider(SCHEME, this),
      workspace.onDidCloseTextDocument(({ uri }) => this.#close(uri)),
      workspace.onDidChangeTextDocument(({ document }) => this.#goAlong(document)),
    ];
  }

  async show(run: RunView): Promise<void> {
    const query = new URLSearchParams({ storage: run.storage, run: run.id }).toString();
    const path = `/${shortMethodWords(run, l10n.t)} ${formatLocalTime(run.created).replace(':', '.')}.log`;
    const uri = Uri.from({ scheme: SCHEME, path, query });
    const log = this.#log(uri);
    log.lastLines = isLiving(run) || run.phase === 'finished' ? [] : await this.#lastLines(run);
    this.#changed.fire(uri);
    const document = await workspace.openTextDocument(uri);
    log.lines = document.lineCount;
    await window.showTextDocument(document, { preview: true, selection: endOf(document) });
  }

  provideTextDocumentContent(uri: Uri): string {
    const { text, lastLines } = this.#log(uri);
    const last =
      lastLines.length === 0 ? [] : ['', l10n.t('The last lines that its process wrote:'), ...lastLines];
    return [text.text(), ...last, ''].join('\n');
  }

  dispose(): void {
    for (const { subscription } of this.#open.values()) subscription.dispose();
    for (const one of this.#disposables) one.dispose();
  }

  #log(uri: Uri): OpenLog {
    const key = uri.toString();
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const values = new URLSearchParams(uri.query);
    const text = new LogText(l10n.t);
    let timer: NodeJS.Timeout | undefined;
    const follow = this.#hosts.follow(values.get('storage') ?? '', values.get('run') ?? '', (events) => {
      text.add(events);
      timer ??= setTimeout(() => {
        timer = undefined;
        this.#changed.fire(uri);
      }, REFRESH_MS);
    });
    const subscription = {
      dispose: () => {
        clearTimeout(timer);
        follow.dispose();
      },
    };
    const log: OpenLog = { text, lines: 1, lastLines: [], subscription };
    this.#open.set(key, log);
    return log;
  }

  async #lastLines({ storage, id }: RunView): Promise<readonly string[]> {
    return this.#hosts.lastLines(storage, id, LAST_LINES).catch(() => []);
  }

  /** A cursor that stood at the end stands at the new end. */
  #goAlong(document: TextDocument): void {
    const log = this.#open.get(document.uri.toString());
    if (log === undefined) return;
    const last = log.lines - 1;
    log.lines = document.lineCount;
    for (const editor of window.visibleTextEditors) {
      if (editor.document !== document || editor.selection.active.line < last) continue;
      const end = endOf(document);
      editor.selection = new Selection(end.start, end.end);
      editor.revealRange(end);
    }
  }

  #close(uri: Uri): void {
    const log = this.#open.get(uri.toString());
    log?.subscription.dispose();
    this.#open.delete(uri.toString());
  }
}

interface OpenLog {
  readonly text: LogText;
  /** Of its document, when it was last shown or changed. */
  lines: number;
  lastLines: readonly string[];
  readonly subscription: Subscription;
}

function endOf({ lineCount }: TextDocument): Range {
  const end = new Position(lineCount - 1, 0);
  return new Range(end, end);
}
