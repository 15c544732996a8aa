/** When everything is looked through although nothing tells of a change: where the system tells nothing, or not of everything. */

/** Without the system's watches. */
const LIMITED_MS = 5000;
/** Where some changes come without notice. */
const UNTOLD_MS = 60_000;
/** Looking takes a tenth of the time at most. */
const REST = 10;

export class Rescans {
  /** Of a system that gives no more watches. */
  static readonly limitedSeconds = LIMITED_MS / 1000;
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isLimited = false;
  #isClosed = false;

  constructor(look: () => void) {
    this.#look = look;
  }

  get isLimited(): boolean {
    return this.#isLimited;
  }

  /** The system gives no more watches. */
  limit(): void {
    this.#isLimited = true;
    this.#later(LIMITED_MS);
  }

  /** Everything was looked through; `isUntold` says whether some of it may change without a notice. */
  looked(tookMs: number, isUntold: boolean): void {
    const least = this.#isLimited ? LIMITED_MS : isUntold ? UNTOLD_MS : undefined;
    if (least !== undefined) this.#later(Math.max(least, REST * tookMs));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(this.#look, ms);
  }
}
