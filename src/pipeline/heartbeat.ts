/**
 * Heartbeats of processes that cannot be asked whether they live: files that are touched. A machine that sleeps stops all
 * hearts and not the clock, so that one that was seen to beat is given up only when it stood still while watched.
 */

/** Longer than an engine blocks the thread while it prepares a large graph. */
export const HEARTBEAT_LIMIT_MS = 120_000;
/** Longest time between two looks that counts: whoever looks later has slept. */
const LONGEST_LOOK_MS = 1_500;

/** How long a heartbeat has stood still while watched: clocks of two hosts and a machine's sleep do not count. */
export class HeartbeatWatch {
  readonly #longestLookMs: number;
  #beat = '';
  #quietMs = 0;
  #lastMs = 0;

  constructor(longestLookMs = LONGEST_LOOK_MS) {
    this.#longestLookMs = longestLookMs;
  }

  /** `beat` changes with each heartbeat. */
  quietMs(beat: string): number {
    const now = performance.now();
    const passedMs = Math.min(now - this.#lastMs, this.#longestLookMs);
    this.#quietMs = beat === this.#beat ? this.#quietMs + passedMs : 0;
    this.#beat = beat;
    this.#lastMs = now;
    return this.#quietMs;
  }
}

/** Looks at one heartbeat again and again. At the first look only the clock can tell. */
export class LifeWatch {
  readonly #watch = new HeartbeatWatch();
  #wasLiving = false;

  isLiving(beatTimeMs: number): boolean {
    const quietMs = this.#watch.quietMs(String(beatTimeMs));
    const isRecent = Date.now() - beatTimeMs < HEARTBEAT_LIMIT_MS;
    this.#wasLiving = isRecent || (this.#wasLiving && quietMs < HEARTBEAT_LIMIT_MS);
    return this.#wasLiving;
  }
}
