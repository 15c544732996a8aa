/**
 * The readable text of an HTML page: no markup, scripts, images or link targets. Tags are taken as they come and no tree is
 * made of them, in time that grows with the page alone: old pages have thousands of tags that nobody closed.
 */
import { Tokenizer } from 'htmlparser2';
import { PageWriter } from './page-writer.ts';

/** Raised when other text is read of a page: what an older version read is then not taken over. */
export const pageVersion = 1;

const list = (names: string): ReadonlySet<string> => new Set(names.split(' '));

const withoutContent = list('area base br col embed hr img input link meta source track wbr');
/** Elements whose content nobody reads as text. */
const skipped = list('script style template noscript svg nav title');
/** Elements on paragraphs of their own, on lines of their own, and within a line but apart from what is beside them. */
const paragraphs = list('p h1 h2 h3 h4 h5 h6 pre blockquote ul ol dl table hr figure');
const ownLines = list(
  'address article aside body caption center dd details dir div dt fieldset figcaption footer form header html legend li main ' +
    'menu optgroup section summary tbody tfoot thead tr',
);
const apart = list('td th option select button label input textarea output meter progress');
/** What the beginning of an element ends when it was not closed. */
const ends: Readonly<Record<string, ReadonlySet<string>>> = {
  li: list('li p'),
  dt: list('dt dd p'),
  dd: list('dt dd p'),
  option: list('option'),
  td: list('td th p'),
  th: list('td th p'),
  tr: list('td th tr p'),
};
const paragraph = list('p');
/** How far up an end looks for its beginning; more open elements than this are a mistake of the page's. */
const reach = 512;
/** Lists within lists are indented so far and no further. */
const deepestIndent = 8;

/** Text of a page with LF line ends, without white space at its ends. */
export function htmlToPlainText(html: string): string {
  const page = new Page();
  let name = '';
  let attribute = '';
  let start = '';
  const ignored = (): void => undefined;
  const begin = (): void => page.open(name, Number.parseInt(start, 10) || 1);
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ontext: (from, to) => page.text(html.slice(from, to)),
      ontextentity: (codePoint) => page.text(String.fromCodePoint(codePoint)),
      onopentagname: (from, to) => {
        name = html.slice(from, to).toLowerCase();
        start = '';
      },
      onattribname: (from, to) => {
        attribute = html.slice(from, to).toLowerCase();
      },
      onattribdata: (from, to) => {
        if (attribute === 'start') start += html.slice(from, to);
      },
      onopentagend: begin,
      // As in XHTML, and of a picture in HTML too: all after it would be its content, and skipped.
      onselfclosingtag: () => {
        if (!skipped.has(name)) begin();
      },
      onclosetag: (from, to) => page.close(html.slice(from, to).toLowerCase()),
      onattribend: ignored,
      onattribentity: ignored,
      oncdata: ignored,
      oncomment: ignored,
      ondeclaration: ignored,
      onprocessinginstruction: ignored,
      onend: ignored,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return page.written.text;
}

interface List {
  readonly isNumbered: boolean;
  next: number;
}

/** What is open at a place of the page. */
class Page {
  readonly written = new PageWriter();
  readonly #open: string[] = [];
  /** How often each name is open. */
  readonly #counts = new Map<string, number>();
  readonly #lists: List[] = [];
  #skipped = 0;
  #preformatted = 0;
  #startsPreformatted = false;

  /** `start` is the number of a list's first item. */
  open(name: string, start: number): void {
    while (this.#isEndedBy(name)) this.#pop();
    if (this.#skipped === 0) this.#edge(name);
    if (withoutContent.has(name)) return;
    this.#open.push(name);
    this.#count(name, 1);
    if (skipped.has(name)) this.#skipped++;
    else if (name === 'li' && this.#skipped === 0) this.#item();
    else if (name === 'pre') this.#startsPreformatted = this.#preformatted++ === 0;
    else if (name === 'blockquote') this.written.quoted++;
    else if (name === 'ul' || name === 'ol') this.#lists.push({ isNumbered: name === 'ol', next: start });
  }

  /** Ends the innermost element of the name and all within it; an end without a beginning is passed over. */
  close(name: string): void {
    if (!this.#isOpen(name)) return;
    const highest = this.#open.length - 1;
    let at = highest;
    while (at >= 0 && at > highest - reach && this.#open[at] !== name) at--;
    if (this.#open[at] !== name) return;
    while (this.#open.length > at) this.#pop();
  }

  text(text: string): void {
    if (this.#skipped > 0) return;
    if (this.#preformatted === 0) this.written.words(text);
    else this.written.asItIs(this.#startsPreformatted ? text.replace(/^\r?\n/, '') : text);
    this.#startsPreformatted = false;
  }

  #isOpen(name: string): boolean {
    return (this.#counts.get(name) ?? 0) > 0;
  }

  #count(name: string, change: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + change);
  }

  #isEndedBy(name: string): boolean {
    const top = this.#open.at(-1);
    if (top === undefined) return false;
    const isBlock = paragraphs.has(name) || ownLines.has(name);
    return (ends[name] ?? (isBlock ? paragraph : undefined))?.has(top) ?? false;
  }

  #pop(): void {
    const name = this.#open.pop() ?? '';
    this.#count(name, -1);
    if (skipped.has(name)) this.#skipped--;
    else if (name === 'pre') this.#preformatted--;
    else if (name === 'blockquote') this.written.quoted--;
    else if (name === 'ul' || name === 'ol') this.#lists.pop();
    if (this.#skipped === 0) this.#edge(name);
  }

  /** Where an element begins or ends. Lists within lists stay close to their item. */
  #edge(name: string): void {
    if (name === 'br') {
      this.written.lineBreak();
      return;
    }
    const isInnerList = (name === 'ul' || name === 'ol') && this.#lists.length > 0;
    if (paragraphs.has(name) && !isInnerList) this.written.newLine(2);
    else if (ownLines.has(name) || isInnerList) this.written.newLine(1);
    else if (apart.has(name)) this.written.space();
  }

  #item(): void {
    const inner = this.#lists.at(-1);
    const mark = inner?.isNumbered ? `${inner.next++}.` : '*';
    this.written.mark(
      `${'  '.repeat(Math.min(deepestIndent, Math.max(0, this.#lists.length - 1)))} ${mark} `,
    );
  }
}
