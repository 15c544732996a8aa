/** Lays out the text of a page: white space as a browser shows it, marks of lists and quotations before their lines. */
export class PageWriter {
  /** Quotations around the text that comes. */
  quoted = 0;
  #parts: string[] = [];
  #lineEnds = 0;
  #isSpaced = false;
  #mark = '';

  get text(): string {
    return this.#parts.join('');
  }

  newLine(ends: number): void {
    this.#lineEnds = Math.max(this.#lineEnds, ends);
    this.#isSpaced = false;
  }

  lineBreak(): void {
    this.#lineEnds++;
    this.#isSpaced = false;
  }

  space(): void {
    this.#isSpaced = true;
  }

  /** What the next line of text begins with. */
  mark(mark: string): void {
    this.#mark = mark;
  }

  words(text: string): void {
    const words = text.replaceAll(/[ \t\r\n\f\u200b]+/g, ' ');
    if (words.startsWith(' ')) this.#isSpaced = true;
    const inner = words.slice(Number(words.startsWith(' ')), words.endsWith(' ') ? -1 : undefined);
    if (inner !== '') this.#write(inner);
    if (words.length > 1 && words.endsWith(' ')) this.#isSpaced = true;
  }

  asItIs(text: string): void {
    for (const [i, line] of text.split(/\r\n|\r|\n/).entries()) {
      if (i > 0) this.lineBreak();
      if (line !== '') this.#write(line);
    }
  }

  #write(text: string): void {
    const isFirst = this.#parts.length === 0;
    if (isFirst || this.#lineEnds > 0)
      this.#parts.push(
        isFirst ? '' : '\n'.repeat(this.#lineEnds),
        '> '.repeat(this.quoted),
        this.#mark,
        text,
      );
    else this.#parts.push(this.#isSpaced ? ' ' : '', text);
    this.#mark = '';
    this.#lineEnds = 0;
    this.#isSpaced = false;
  }
}
