/**
 * Messages to a panel, at most ten a second however fast news arrives: what waits is replaced by what is newer of its
 * kind; points of curves, and what models write, are gathered into one message.
 */
import type { ToPanel } from '../../panel-protocol/messages.ts';

const INTERVAL_MS = 100;

export class PacedSender {
  readonly #send: (message: ToPanel) => void;
  readonly #waiting = new Map<ToPanel['type'], ToPanel>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDisposed = false;

  constructor(send: (message: ToPanel) => void) {
    this.#send = send;
  }

  /** After `dispose` nothing: an answer may come in when the page is gone. */
  send(message: ToPanel): void {
    if (this.#isDisposed) return;
    const waiting = this.#waiting.get(message.type);
    this.#waiting.delete(message.type);
    this.#waiting.set(message.type, waiting === undefined ? message : joined(waiting, message));
    if (this.#timer === undefined) this.#sendOne();
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #sendOne(): void {
    const next = this.#waiting.entries().next();
    if (next.done) {
      this.#timer = undefined;
      return;
    }
    const [type, message] = next.value;
    this.#waiting.delete(type);
    this.#send(message);
    this.#timer = setTimeout(() => this.#sendOne(), INTERVAL_MS);
  }
}

/** In order: a later part of the same curve or text continues the earlier one, or replaces it, as its `from` says. */
function joined(earlier: ToPanel, later: ToPanel): ToPanel {
  if (earlier.type === 'points' && later.type === 'points') {
    return { type: 'points', parts: [...earlier.parts, ...later.parts] };
  }
  if (earlier.type === 'written' && later.type === 'written') {
    return { type: 'written', parts: [...earlier.parts, ...later.parts] };
  }
  return later;
}
