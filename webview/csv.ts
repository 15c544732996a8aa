/** A table as CSV (RFC 4180): what spreadsheets read. Numbers are plain and whole, their units stand in the header. */
import type { Table } from '../src/charts/table.ts';

/** Cells that a spreadsheet would take for a formula get an apostrophe before them. */
const FORMULA = /^[=+@\t\r]|^-(?![\d.])/;

export function tableCsv({ columns, rows }: Table): string {
  const lines = [
    columns.map(({ title, unit }) => (unit === undefined ? title : `${title} (${unit})`)),
    ...rows.map((row) => row.map(({ text, value }) => (value === undefined ? text : `${value}`))),
  ];
  return `${lines.map((line) => line.map(field).join(',')).join('\r\n')}\r\n`;
}

function field(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
