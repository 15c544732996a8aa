import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CASES, PRESET_CASES } from '../../../bench/scaling/cases.ts';
import { tableLines, withTable } from '../../../bench/scaling/document.ts';
import {
  baseTable,
  costTable,
  markdown,
  paperTable,
  spaceTable,
  type Table,
  textTable,
} from '../../../bench/scaling/tables.ts';

const page = readFileSync(new URL('../../../docs/scaling.md', import.meta.url), 'utf8');

/** Of the tables with a row a case those that take seconds; `npm run bench:scaling -- --write` makes all rows. */
const calculated: Readonly<Record<Table['name'], () => Table>> = {
  cost: () => costTable(CASES.filter(({ isSlow }) => !isSlow)),
  space: () => spaceTable(PRESET_CASES),
  base: baseTable,
  text: textTable,
  paper: paperTable,
};

/** Those of all cases, whether their figures are compared or not: a row that nothing makes any more is found too. */
function rowNames({ name, rows }: Table): readonly string[] {
  return name === 'cost' || name === 'space' ? CASES.map((one) => one.name) : rows.map(([first]) => first);
}

const firstCell = (line: string): string => line.split(' | ')[0].replace(/^\| /, '');

for (const [name, make] of Object.entries(calculated)) {
  test(`the table ${name} of docs/scaling.md is what the program calculates today`, () => {
    const table = make();
    const lines = tableLines(page, table.name);
    assert.deepEqual(lines.slice(2).map(firstCell), rowNames(table), 'npm run bench:scaling -- --write');
    for (const line of markdown(table).split('\n')) {
      assert.ok(lines.includes(line), `npm run bench:scaling -- --write would write: ${line}`);
    }
  });
}

test('a table takes the place of the one before it, and no other', () => {
  const before =
    'a\n<!-- base:begin -->\nold\n<!-- base:end -->\nb\n<!-- text:begin -->\n<!-- text:end -->\n';
  const table: Table = { name: 'base', head: ['x', 'y'], rows: [['1', '2']] };
  const after = withTable(before, table);
  assert.deepEqual(tableLines(after, 'base'), ['| x | y |', '| --- | ---: |', '| 1 | 2 |']);
  assert.equal(withTable(after, table), after);
  assert.ok(after.endsWith('b\n<!-- text:begin -->\n<!-- text:end -->\n'));
  assert.throws(() => withTable('', table), /no place for the table base/);
});
