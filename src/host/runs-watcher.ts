/**
 * Watches the runs of one storage: whoever carries them out, this window's hosts, another window's or the command line.
 * The files are the truth; the file system's notices and the hosts' messages only say when to look again.
 */
import { type FSWatcher, watch } from 'node:fs';
import { CorruptionError, InputError } from '../common/errors.ts';
import { RunFold } from '../experiments/runs/run-fold.ts';
import type { RunView } from '../experiments/runs/run-view.ts';
import {
  eventsPath,
  type RunRecord,
  readRunRecord,
  readRunStatus,
  runFolder,
  runIds,
  runOwner,
  runsFolder,
} from '../experiments/runs/runs.ts';
import { LifeWatch } from '../pipeline/heartbeat.ts';
import { readAddress } from './address.ts';
import { EventReader } from './event-reader.ts';
import type { Subscription } from './hosts.ts';
import { HostClient } from './protocol.ts';

/** At most four times a second. */
const REFRESH_MS = 250;
/** Where the file system gives no notice: network drives, and processes that die. */
const POLL_MS = 1_000;

type Listener = (runs: readonly RunView[]) => void;

export class RunsWatcher {
  readonly #storage: string;
  readonly #runs = new Map<string, WatchedRun>();
  readonly #listeners = new Set<Listener>();
  readonly #poll: NodeJS.Timeout;
  #notices: FSWatcher | undefined;
  #views: readonly RunView[] | undefined;
  #shown = '';
  #isOver = false;
  #due: NodeJS.Timeout | undefined;
  #isReading = false;

  constructor(storage: string) {
    this.#storage = storage;
    this.#poll = setInterval(() => this.#soon(), POLL_MS);
    this.#poll.unref();
    void this.#refresh();
  }

  add(listener: Listener): Subscription {
    this.#listeners.add(listener);
    const views = this.#views;
    if (views !== undefined) queueMicrotask(() => this.#listeners.has(listener) && listener(views));
    return { dispose: () => this.#listeners.delete(listener) };
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  dispose(): void {
    this.#isOver = true;
    clearInterval(this.#poll);
    clearTimeout(this.#due);
    this.#notices?.close();
    for (const run of this.#runs.values()) run.dispose();
    this.#listeners.clear();
  }

  #soon(): void {
    if (this.#isOver) return;
    this.#due ??= setTimeout(() => {
      this.#due = undefined;
      void this.#refresh();
    }, REFRESH_MS);
  }

  async #refresh(): Promise<void> {
    if (this.#isReading) return this.#soon();
    this.#isReading = true;
    try {
      await this.#read();
      if (this.#isOver) return;
      this.#tell();
    } finally {
      this.#isReading = false;
    }
  }

  async #read(): Promise<void> {
    const ids = await runIds(this.#storage);
    if (ids.length > 0) this.#notices ??= watchFolder(runsFolder(this.#storage), () => this.#soon());
    for (const [id, run] of this.#runs) {
      if (ids.includes(id)) continue;
      run.dispose();
      this.#runs.delete(id);
    }
    for (const id of ids) {
      let run = this.#runs.get(id);
      if (run === undefined) {
        run = new WatchedRun(this.#storage, id, () => this.#soon());
        this.#runs.set(id, run);
      }
      await run.read();
      if (this.#isOver) return run.dispose();
    }
  }

  #tell(): void {
    const views = [...this.#runs.values()]
      .flatMap(({ view }) => (view === undefined ? [] : [view]))
      .sort((one, other) => (one.id < other.id ? 1 : -1));
    const shown = JSON.stringify(views);
    if (this.#views !== undefined && shown === this.#shown) return;
    this.#views = views;
    this.#shown = shown;
    for (const listener of this.#listeners) listener(views);
  }
}

class WatchedRun {
  readonly #storage: string;
  readonly #id: string;
  readonly #onNews: () => void;
  readonly #reader: EventReader;
  readonly #fold = new RunFold();
  readonly #life = new LifeWatch();
  #record: RunRecord | undefined;
  #view: RunView | undefined;
  #damage: CorruptionError | undefined;
  #notices: FSWatcher | undefined;
  #client: HostClient | undefined;
  #isAttaching = false;
  #isOver = false;

  constructor(storage: string, id: string, onNews: () => void) {
    this.#storage = storage;
    this.#id = id;
    this.#onNews = onNews;
    this.#reader = new EventReader(eventsPath(storage, id));
  }

  /** `undefined` while there is no record that can be read. */
  get view(): RunView | undefined {
    return this.#view;
  }

  async read(): Promise<void> {
    try {
      this.#record ??= await readRunRecord(this.#storage, this.#id);
      // Asked before the log is read: who ends meanwhile has written its last word by then.
      const owner = runOwner(this.#storage, this.#id, this.#life);
      const isSettled = this.#view !== undefined && this.#view.pid === undefined && owner === undefined;
      if (isSettled && !(await this.#reader.hasNews())) return;
      if (this.#damage === undefined) await this.#reader.read((events) => this.#fold.add(events));
      const status = await readRunStatus(this.#storage, this.#id);
      const facts = { storage: this.#storage, record: this.#record, status, pid: owner?.pid };
      this.#view = { ...this.#fold.view(facts), ...this.#damageWords() };
      this.#follow(owner?.pid);
    } catch (error) {
      // Its record is not written yet, or it is being removed, or it is damaged, which `parlance status` tells.
      if (error instanceof CorruptionError && this.#record !== undefined) this.#damage = error;
      else if (!(error instanceof InputError || error instanceof CorruptionError)) throw error;
    }
  }

  dispose(): void {
    this.#isOver = true;
    this.#notices?.close();
    this.#client?.dispose();
  }

  #damageWords(): Partial<RunView> {
    return this.#damage === undefined ? {} : { message: this.#damage.message, hint: this.#damage.hint };
  }

  /** Whoever lives is followed closely; the others' files rarely change. */
  #follow(pid: number | undefined): void {
    if (pid === undefined) {
      this.#notices?.close();
      this.#notices = undefined;
      return;
    }
    this.#notices ??= watchFolder(runFolder(this.#storage, this.#id), this.#onNews);
    if (this.#client === undefined && !this.#isAttaching) void this.#attach(pid);
  }

  async #attach(pid: number): Promise<void> {
    this.#isAttaching = true;
    try {
      const address = await readAddress(this.#storage, this.#id);
      if (address?.pid !== pid || this.#isOver) return;
      const client = await HostClient.connect(address, () => {
        this.#client = undefined;
        this.#onNews();
      });
      if (this.#isOver) return client.dispose();
      this.#client = client;
      client.onEvents(this.#onNews);
    } catch {
      // The files tell as much; the next look tries again.
    } finally {
      this.#isAttaching = false;
    }
  }
}

function watchFolder(folder: string, onNotice: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, onNotice);
    watcher.unref();
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // No notices here (too many watches, a folder that is gone): polling does.
    return undefined;
  }
}
