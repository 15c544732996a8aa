/** The page that the tables stand in, each between two marks. */
import { InputError } from '../../src/common/errors.ts';
import { markdown, type Table } from './tables.ts';

export function withTable(page: string, table: Table): string {
  const { from, to } = placeOf(page, table.name);
  return `${page.slice(0, from)}\n${markdown(table)}\n${page.slice(to)}`;
}

/** The lines of a table that stands in the page. */
export function tableLines(page: string, name: Table['name']): readonly string[] {
  const { from, to } = placeOf(page, name);
  return page.slice(from, to).trim().split('\n');
}

function placeOf(page: string, name: Table['name']): { readonly from: number; readonly to: number } {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from >= 0 && to > from) return { from: from + begin.length, to };
  throw new InputError(
    `docs/scaling.md has no place for the table ${name}.`,
    `Put the lines ${begin} and ${end} where it belongs.`,
  );
}
