/** Where in a text its tokens stand. */
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

export interface Place {
  /** UTF-16 units of the text. */
  readonly start: number;
  readonly end: number;
}

/** How far a tokenizer that changes text before it cuts it (to Unicode's NFC, say) is followed. */
const FURTHEST = 16;

export class Places {
  readonly #text: string;
  readonly #tokenizer: Pick<Tokenizer, 'tokenBytes'>;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #at = 0;

  constructor(text: string, tokenizer: Pick<Tokenizer, 'tokenBytes'>) {
    this.#text = text;
    this.#tokenizer = tokenizer;
  }

  /** The place of the next token. A character of several tokens belongs to the last of them. */
  next(id: number): Place {
    const own = this.#decoder.decode(this.#tokenizer.tokenBytes(id), { stream: true });
    const start = this.#at;
    this.#at = Math.min(this.#endOf(own, start), this.#text.length);
    return { start, end: this.#at };
  }

  #endOf(own: string, start: number): number {
    if (this.#text.startsWith(own, start)) return start + own.length;
    // The space that SentencePiece sets before a text is not the text's.
    const bare = start === 0 && own.startsWith(' ') ? own.slice(1) : own;
    const found = this.#text.slice(start, start + bare.length + FURTHEST).indexOf(bare);
    return start + Math.max(found, 0) + bare.length;
  }
}
