/**
 * The editor's side of the indexer: starts the process with the first watch, asks it, and starts it again when it
 * dies, a few times. Nothing here reads a file or holds a list of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node.js';
import type { z } from 'zod';
import { ResourceError } from '../common/errors.ts';
import type { Subscription } from '../host/hosts.ts';
import {
  fileFactsSchema,
  filePageSchema,
  methods,
  nextAnswerSchema,
  suggestionsSchema,
  summarySchema,
} from './protocol.ts';
import type {
  FilePage,
  IndexedFile,
  IndexSummary,
  ReviewSuggestion,
  WorkspaceIndex,
} from './workspace-index.ts';

export interface IndexerOptions {
  /** Path of indexer.mjs. */
  readonly program: string;
  /** Whether the workspace is trusted now. */
  readonly trusted: () => boolean;
}

type Listener = (summary: IndexSummary) => void;

interface Watched {
  readonly listeners: Set<Listener>;
  summary: IndexSummary;
  trusted: boolean;
}

interface Running {
  readonly process: ChildProcess;
  readonly connection: MessageConnection;
}

/** Starts in the time below, before the indexer is given up. */
const startLimit = 4;
const startLimitWithinMs = 10 * 60_000;
const restartMs = 500;
const trustMs = 1000;
/** Of what the process wrote to its error output, for the reason of its end. */
const keptCharacters = 2000;

export class IndexerClient implements WorkspaceIndex {
  readonly #options: IndexerOptions;
  readonly #watched = new Map<string, Watched>();
  #running: Running | undefined;
  #startsMs: number[] = [];
  #isGivenUp = false;
  #isDisposed = false;
  #restart: NodeJS.Timeout | undefined;
  #trust: NodeJS.Timeout | undefined;

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  /** Of the indexer, while it runs. */
  get processId(): number | undefined {
    return this.#running?.process.pid;
  }

  watch(experimentFile: string, listener: Listener): Subscription {
    let watched = this.#watched.get(experimentFile);
    if (watched === undefined) {
      watched = {
        listeners: new Set(),
        summary: emptySummary(experimentFile),
        trusted: this.#options.trusted(),
      };
      this.#watched.set(experimentFile, watched);
      if (this.#isGivenUp) this.#tryAgain();
      else if (this.#running === undefined) this.#start();
      else this.#ask(experimentFile, watched);
    }
    watched.listeners.add(listener);
    listener(watched.summary);
    return { dispose: () => this.#unwatch(experimentFile, listener) };
  }

  files(experimentFile: string, query: Parameters<WorkspaceIndex['files']>[1]): Promise<FilePage> {
    return this.#request(methods.files, { experimentFile, ...query }, filePageSchema);
  }

  file(experimentFile: string, path: string): Promise<Readonly<Record<string, IndexedFile>>> {
    return this.#request(methods.file, { experimentFile, path }, fileFactsSchema);
  }

  async nextUnlabelled(experimentFile: string, after: string | undefined): Promise<string | undefined> {
    return (await this.#request(methods.nextUnlabelled, { experimentFile, after }, nextAnswerSchema)).path;
  }

  suggestions(experimentFile: string): Promise<readonly ReviewSuggestion[]> {
    return this.#request(methods.suggestions, { experimentFile }, suggestionsSchema);
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#restart);
    clearInterval(this.#trust);
    this.#watched.clear();
    const running = this.#running;
    this.#running = undefined;
    running?.connection.dispose();
    running?.process.stdin?.destroy();
    running?.process.kill();
  }

  #unwatch(experimentFile: string, listener: Listener): void {
    const watched = this.#watched.get(experimentFile);
    watched?.listeners.delete(listener);
    if (watched === undefined || watched.listeners.size > 0) return;
    this.#watched.delete(experimentFile);
    this.#notify(methods.unwatch, { experimentFile });
  }

  async #request<T>(method: string, message: object, schema: z.ZodType<T>): Promise<T> {
    const { connection } = this.#running ?? {};
    if (connection === undefined) throw notRunning();
    return schema.parse(await connection.sendRequest(method, message));
  }

  #notify(method: string, message: object): void {
    // A connection that broke a moment ago is noticed by the end of the process.
    this.#running?.connection.sendNotification(method, message).catch(() => {});
  }

  #ask(experimentFile: string, watched: Watched): void {
    watched.trusted = this.#options.trusted();
    this.#notify(methods.watch, { experimentFile, trusted: watched.trusted });
    if (watched.trusted || this.#trust !== undefined) return;
    this.#trust = setInterval(() => this.#askTrusted(), trustMs);
    this.#trust.unref();
  }

  /** Tells the indexer when the workspace has become trusted. */
  #askTrusted(): void {
    if (!this.#options.trusted()) return;
    clearInterval(this.#trust);
    this.#trust = undefined;
    for (const [file, watched] of this.#watched) if (!watched.trusted) this.#ask(file, watched);
  }

  #start(): void {
    clearTimeout(this.#restart);
    this.#startsMs.push(performance.now());
    const child = spawn(process.execPath, [this.#options.program], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let lastWords = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-keptCharacters);
    });
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.onNotification(methods.summary, (message: unknown) => this.#received(message));
    // The end of the process is what counts; a broken pipe comes with it.
    connection.onError(() => {});
    connection.listen();
    this.#running = { process: child, connection };
    child.once('error', (error) => this.#ended(child, error.message));
    child.once('close', (code, signal) => this.#ended(child, reasonOf(code, signal, lastWords)));
    for (const [file, watched] of this.#watched) this.#ask(file, watched);
  }

  #received(message: unknown): void {
    const summary = summarySchema.parse(message);
    const watched = this.#watched.get(summary.experimentFile);
    if (watched !== undefined) this.#tell(watched, summary);
  }

  #tell(watched: Watched, summary: IndexSummary): void {
    watched.summary = summary;
    for (const listener of [...watched.listeners]) listener(summary);
  }

  #ended(child: ChildProcess, reason: string): void {
    if (this.#isDisposed || this.#running?.process !== child) return;
    this.#running.connection.dispose();
    this.#running = undefined;
    const sinceMs = performance.now() - startLimitWithinMs;
    this.#startsMs = this.#startsMs.filter((startMs) => startMs > sinceMs);
    if (this.#startsMs.length < startLimit) {
      this.#restart = setTimeout(() => this.#start(), restartMs * this.#startsMs.length);
      return;
    }
    this.#isGivenUp = true;
    const message = `The files are no longer followed: the background process that reads them ended ${startLimit} times (${reason}). Reload the window to start it again.`;
    for (const watched of this.#watched.values())
      this.#tell(watched, { ...watched.summary, state: 'failed', message });
  }

  #tryAgain(): void {
    this.#isGivenUp = false;
    this.#startsMs = [];
    this.#start();
  }
}

function emptySummary(experimentFile: string): IndexSummary {
  const message = '0 files seen';
  return { experimentFile, state: 'scanning', message, corpora: [], unlabelledFiles: 0, files: 0 };
}

function notRunning(): ResourceError {
  return new ResourceError(
    'The files of the workspace are not followed at the moment.',
    'Try again in a few seconds; reload the window if it stays so.',
  );
}

function reasonOf(code: number | null, signal: string | null, lastWords: string): string {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const lines = lastWords.split('\n').map((line) => line.trim());
  const why = lines.find((line) => /error/i.test(line)) ?? lines.find((line) => line !== '');
  return why === undefined ? how : `${how}: ${why}`;
}
