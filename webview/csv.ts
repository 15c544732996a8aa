/** A table as CSV (RFC 4180): what spreadsheets read. Numbers are plain and whole, their units stand in the header. */
import type { Table } from '../src/charts/table.ts';

/** Cells that a spreadsheet would take for a formula get an apostrophe before them; what is a number and no more does not. */
const FORMULA = /^[=+@\t\r-]/;
const NUMBER = /^-\d+(\.\d+)?(e[+-]?\d+)?$/;
/** Excel takes text for the machine's own encoding unless it begins so; other programs need it no more than plain ASCII does. */
const BYTE_ORDER_MARK = '\ufeff';
const NOT_ASCII = /[^\r\n\t -~]/;

export function tableCsv({ columns, rows }: Table): string {
  const lines = [
    columns.map(({ title, unit }) => (unit === undefined ? title : `${title} (${unit})`)),
    ...rows.map((row) => row.map(({ text, value }) => (value === undefined ? text : `${value}`))),
  ];
  const text = `${lines.map((line) => line.map(field).join(',')).join('\r\n')}\r\n`;
  return NOT_ASCII.test(text) ? `${BYTE_ORDER_MARK}${text}` : text;
}

function field(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
