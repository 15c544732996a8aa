/**
 * From tokens to the text that can be told: characters whose bytes are all there, and nothing that may turn out to be the
 * beginning of a text that ends the generation.
 */

export interface StreamedText {
  readonly text: string;
  /** Whether a stop text is reached; `text` ends before it. */
  readonly isStopped: boolean;
}

export class TextStream {
  readonly #stop: readonly string[];
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Told later, or never. */
  #held = '';

  constructor(stop: readonly string[]) {
    this.#stop = stop;
  }

  /** What can be told after the bytes of one more token. */
  push(bytes: Uint8Array): StreamedText {
    const text = this.#held + this.#decoder.decode(bytes, { stream: true });
    const found = this.#stop.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (found.length > 0) {
      this.#held = '';
      return { text: text.slice(0, Math.min(...found)), isStopped: true };
    }
    const told = text.length - this.#possibleStop(text);
    this.#held = text.slice(told);
    return { text: text.slice(0, told), isStopped: false };
  }

  /** What was held back, when nothing follows. A character that is not whole is left out. */
  rest(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** How many units at the end of the text may be the beginning of a stop text. */
  #possibleStop(text: string): number {
    const longest = Math.max(0, ...this.#stop.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const end = text.slice(-length);
      if (this.#stop.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}
