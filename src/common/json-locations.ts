/**
 * Where things stand in a JSON text, so that an error message can name a line. `JSON.parse` gives a position
 * only for some mistakes, and none at all for a value that is well-formed but not allowed. This scanner
 * reads the text once and notes the offset of each value; about seventy lines were preferred to a dependency.
 */

/** The path of a value, for example `['labels', 2, 'label']`. */
export type JsonPath = readonly (string | number)[];

export interface JsonLocations {
  /** Offset of the first mistake in the grammar; `undefined` for well-formed JSON. */
  readonly errorAt?: number;
  /** The line (from 1) of the value at a path, or of its nearest ancestor that is there. */
  lineOf(path: JsonPath): number;
}

/** The line (from 1) of an offset in a text. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

export function locateJson(text: string): JsonLocations {
  const offsets = new Map<string, number>();
  const scanner = new Scanner(text, offsets);
  const errorAt = scanner.document();
  return {
    errorAt,
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const offset = offsets.get(JSON.stringify(path.slice(0, length)));
        if (offset !== undefined) return lineAt(text, offset);
      }
      return lineAt(text, offsets.get('[]') ?? 0);
    },
  };
}

class GrammarError extends Error {}

/** JSON escapes the controls below the space only: those from U+007F on stand in texts of older encodings. */
const scalar =
  /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

class Scanner {
  readonly #text: string;
  readonly #offsets: Map<string, number>;
  #at = 0;

  constructor(text: string, offsets: Map<string, number>) {
    this.#text = text;
    this.#offsets = offsets;
  }

  /** The offset of the first mistake, if there is one. */
  document(): number | undefined {
    try {
      this.#value([]);
      if (this.#peek() !== undefined) throw new GrammarError();
      return undefined;
    } catch (error) {
      if (error instanceof GrammarError) return this.#at;
      throw error;
    }
  }

  #value(path: JsonPath): void {
    const next = this.#peek();
    this.#offsets.set(JSON.stringify(path), this.#at);
    if (next === '{') this.#members('}', (key) => [...path, this.#key(key)]);
    else if (next === '[') this.#members(']', (index) => [...path, index]);
    else this.#scalar();
  }

  #members(close: string, pathOf: (index: number) => JsonPath): void {
    this.#at++;
    if (this.#accept(close)) return;
    for (let index = 0; ; index++) {
      this.#value(pathOf(index));
      if (this.#accept(close)) return;
      this.#expect(',');
    }
  }

  #key(_index: number): string {
    if (this.#peek() !== '"') throw new GrammarError();
    const key: unknown = JSON.parse(this.#scalar());
    this.#expect(':');
    return String(key);
  }

  #scalar(): string {
    scalar.lastIndex = this.#at;
    const match = scalar.exec(this.#text);
    if (match === null) throw new GrammarError();
    this.#at = scalar.lastIndex;
    return match[0];
  }

  #peek(): string | undefined {
    while (this.#at < this.#text.length && ' \t\r\n'.includes(this.#text[this.#at])) this.#at++;
    return this.#text[this.#at];
  }

  #accept(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) throw new GrammarError();
  }
}
