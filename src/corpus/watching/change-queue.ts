/**
 * Changed paths on their way from the watcher to the index: each once, handled together after a short quiet, one batch
 * at a time. A storm (a branch switch) is not remembered path by path: beyond a limit the batch says "everything", and
 * the index compares all files by size and time. That also finds what the system dropped: Linux keeps 16,384 events
 * for a program and loses the rest silently.
 */

/** Paths that changed, or `everything`. */
export type Changes = ReadonlySet<string> | 'everything';

const quietMs = 60;
/** However busy it is, a batch begins this long after its first change. */
const longestMs = 300;
const pathLimit = 4096;

export class ChangeQueue {
  readonly #handle: (changes: Changes) => Promise<void>;
  #paths = new Set<string>();
  #isEverything = false;
  #isWaiting = false;
  #firstMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  /** `handle` must not throw. */
  constructor(handle: (changes: Changes) => Promise<void>) {
    this.#handle = handle;
  }

  get isBusy(): boolean {
    return this.#isWaiting || this.#running !== undefined;
  }

  add(path: string): void {
    if (!this.#isEverything) this.#paths.add(path);
    if (this.#paths.size > pathLimit) this.addEverything();
    this.poke();
  }

  addEverything(): void {
    this.#isEverything = true;
    this.#paths.clear();
    this.poke();
  }

  /** Asks for a batch even if no path changed. */
  poke(): void {
    if (this.#isClosed) return;
    const now = performance.now();
    if (!this.#isWaiting) this.#firstMs = now;
    this.#isWaiting = true;
    if (this.#running !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#start(),
      Math.max(0, Math.min(quietMs, this.#firstMs + longestMs - now)),
    );
  }

  /** Ends when the batch under way has ended; nothing is handled afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #start(): void {
    const changes: Changes = this.#isEverything ? 'everything' : this.#paths;
    this.#paths = new Set();
    this.#isEverything = false;
    this.#isWaiting = false;
    this.#running = this.#handle(changes).finally(() => {
      this.#running = undefined;
      if (this.#isWaiting) this.poke();
    });
  }
}
