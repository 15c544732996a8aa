/**
 * One request is computed at a time: two at once would take the same threads from each other and twice the memory. The
 * others wait in the order in which they came, and no more than a limit of them.
 */
import { interrupted, throwIfStopped } from '../common/interruption.ts';
import { ApiError } from './api-error.ts';

/** Nobody knows how long those before it take; a client that follows `Retry-After` asks again soon and not at once. */
const RETRY_AFTER_SECONDS = 5;

export class Turns {
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;
  readonly #onIdle: (() => void)[] = [];

  constructor(mostWaiting: number) {
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Works when it is its turn.
   * @throws ApiError (429) when too many wait, InterruptedError when `signal` is aborted before the turn came.
   */
  async take(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    await this.#enter(signal);
    try {
      await work();
    } finally {
      this.#leave();
    }
  }

  /** Resolves when nothing is computed and nobody waits. */
  async idle(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((done) => this.#onIdle.push(done));
  }

  async #enter(signal: AbortSignal): Promise<void> {
    throwIfStopped(signal);
    if (!this.#isTaken) {
      this.#isTaken = true;
      return;
    }
    if (this.#waiting.length >= this.#mostWaiting) {
      throw new ApiError(
        `${this.#mostWaiting} requests wait already, and one is computed at a time.`,
        'Ask again later.',
        {
          status: 429,
          code: 'rate_limit_exceeded',
          headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
        },
      );
    }
    await new Promise<void>((begin, give) => {
      const turn = (): void => {
        signal.removeEventListener('abort', leave);
        begin();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        give(interrupted());
      };
      this.#waiting.push(turn);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    this.#isTaken = false;
    for (const tell of this.#onIdle.splice(0)) tell();
  }
}
