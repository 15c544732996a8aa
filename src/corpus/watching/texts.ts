/**
 * The texts of all corpora of an experiment, each content once: its hash, size, sketch and, when somebody counted them,
 * its tokens. Files refer to rows. Equal texts share a row, so exact copies and held-out text that also stands
 * elsewhere fall out of the table, and a text that moves to another file is not counted again.
 *
 * Memory: about 250 bytes a text, more for long ones. Beyond `sketchedTexts` texts have no sketch and are left out of the search for
 * near-duplicates, so that a corpus of any size is followed within bounds.
 */
import { sketchText } from '../similarity/sketch.ts';
import { Sketches } from '../similarity/sketches.ts';

/** Texts that are compared for likeness: 192 bytes each or more, some 100 MB in all. */
const sketchedTexts = 500_000;
const notCounted = -1;

export class TextTable {
  /** Of the rows that `hasSketch` tells of. */
  readonly sketches = new Sketches();
  readonly #rowOf = new Map<string, number>();
  readonly #free: number[] = [];
  #hashes: string[] = [];
  #references = new Uint32Array(1024);
  #bytes = new Uint32Array(1024);
  #tokens = new Int32Array(1024).fill(notCounted);
  #withoutSketch = 0;
  readonly #sketched: number;

  constructor(sketched = sketchedTexts) {
    this.#sketched = sketched;
  }

  hasSketch(row: number): boolean {
    return row < this.#sketched;
  }

  /** Texts that are compared with no other: there are too many. */
  get withoutSketch(): number {
    return this.#withoutSketch;
  }

  /** Texts that are there now. */
  get count(): number {
    return this.#rowOf.size;
  }

  /** One more row than any that is in use. */
  get rows(): number {
    return this.#hashes.length;
  }

  /** The row of a text that is known already, with one more reference to it. `hash` is its content's. */
  addKnown(hash: string): number | undefined {
    const row = this.#rowOf.get(hash);
    if (row !== undefined) this.#references[row]++;
    return row;
  }

  /** The row of a text, without a further reference. */
  rowOf(hash: string): number | undefined {
    return this.#rowOf.get(hash);
  }

  /** Adds a text, or one more reference to it. */
  add(hash: string, text: Uint8Array): number {
    const known = this.addKnown(hash);
    if (known !== undefined) return known;
    const row = this.#free.pop() ?? this.#hashes.length;
    if (row >= this.#references.length) this.#grow();
    this.#rowOf.set(hash, row);
    this.#hashes[row] = hash;
    this.#references[row] = 1;
    this.#tokens[row] = notCounted;
    this.#bytes[row] = text.length;
    if (this.hasSketch(row)) this.sketches.set(row, sketchText(text));
    else this.#withoutSketch++;
    return row;
  }

  /** Takes back one reference; a text without any is forgotten. */
  release(row: number): void {
    if (--this.#references[row] > 0) return;
    if (this.hasSketch(row)) this.sketches.release(row);
    else this.#withoutSketch--;
    this.#rowOf.delete(this.#hashes[row]);
    this.#hashes[row] = '';
    this.#free.push(row);
  }

  /** The hash of a row's text; empty when it is gone. */
  hashOf(row: number): string {
    return this.#hashes[row] ?? '';
  }

  bytesOf(row: number): number {
    return this.#bytes[row];
  }

  /** Its tokens, the end-of-text included; `undefined` while nobody counted them. */
  tokensOf(row: number): number | undefined {
    const tokens = this.#tokens[row];
    return tokens === notCounted ? undefined : tokens;
  }

  setTokens(row: number, tokens: number): void {
    this.#tokens[row] = tokens;
  }

  /** Forgets all counts: another tokenizer counts otherwise. */
  forgetTokens(): void {
    this.#tokens.fill(notCounted);
  }

  #grow(): void {
    const rows = Math.ceil(this.#references.length * 1.5);
    const wider = <T extends Uint32Array | Int32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#references = wider(new Uint32Array(rows), this.#references);
    this.#bytes = wider(new Uint32Array(rows), this.#bytes);
    this.#tokens = wider(new Int32Array(rows).fill(notCounted), this.#tokens);
  }
}
