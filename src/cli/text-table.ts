/** Tables of the report as plain text: columns as wide as they need, titles wrapped, details on a second line. */
import type { Table } from '../charts/table.ts';

const GAP = '  ';

interface Block {
  readonly lines: readonly string[];
}

/** A width below this, or none at all, is taken as this: text must come out whatever a terminal says. */
const LEAST_WIDTH = 1;

/** At most `maximum` characters wide as long as the first column can give way. */
export function formatTable({ columns, rows }: Table, maximum: number): string {
  const width = usable(maximum);
  const titles = columns.map(({ title }) => title);
  const body = rows.map((row) =>
    row.map(({ text, detail, best }) => [best ? `*${text}` : text, detail ?? '']),
  );
  const natural = columns.map((_, i) =>
    Math.max(longestWord(titles[i]), ...body.map((row) => Math.max(row[i][0].length, row[i][1].length))),
  );
  const others = natural.slice(1).reduce((sum, one) => sum + one + GAP.length, 0);
  const widths = [Math.max(12, Math.min(natural[0], width - others)), ...natural.slice(1)];
  const block = (texts: readonly string[], i: number): Block => ({
    lines: texts.filter((text) => text !== '').flatMap((text) => wrap(text, widths[i])),
  });
  const pad = (text: string, i: number): string =>
    columns[i].align === 'text' ? text.padEnd(widths[i]) : text.padStart(widths[i]);
  const layOut = (cells: readonly Block[]): string[] => {
    const height = Math.max(...cells.map(({ lines }) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((cell, i) => pad(cell.lines[line] ?? '', i))
        .join(GAP)
        .trimEnd(),
    );
  };
  const rule = widths.map((one) => '-'.repeat(one)).join(GAP);
  const head = layOut(titles.map((title, i) => block([title], i)));
  return [...head, rule, ...body.flatMap((row) => layOut(row.map((texts, i) => block(texts, i))))].join('\n');
}

function usable(width: number): number {
  return width >= LEAST_WIDTH ? Math.floor(width) : LEAST_WIDTH;
}

/** Lines of at most `maximum` characters, broken between words; a longer word is broken where it must be. */
export function wrap(text: string, maximum: number): string[] {
  const width = usable(maximum);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

function pieces(word: string, width: number): string[] {
  const found: string[] = [];
  for (let at = 0; at < word.length; at += width) found.push(word.slice(at, at + width));
  return found;
}

function longestWord(text: string): number {
  return Math.max(...text.split(' ').map((word) => word.length));
}
