/** Tables as files for spreadsheets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableCsv } from '../../../webview/csv.ts';

const linesOf = (...texts: readonly string[]): readonly string[] =>
  tableCsv({
    caption: '',
    columns: [{ title: 'a', align: 'text' }],
    rows: texts.map((text) => [{ text }]),
  }).split('\r\n');

test('CSV quotes what needs it and gives no spreadsheet a formula', () => {
  assert.deepEqual(linesOf('x, "y"', '=1+1', '-3.5', '-1e-7', "-1+cmd|' /C calc'!A0", '-2+3.md'), [
    'a',
    '"x, ""y"""',
    "'=1+1",
    '-3.5',
    '-1e-7',
    "'-1+cmd|' /C calc'!A0",
    "'-2+3.md",
    '',
  ]);
});

test('text beyond ASCII begins so that Excel reads it as what it is', () => {
  assert.deepEqual(linesOf('Brief.md'), ['a', 'Brief.md', '']);
  assert.deepEqual(linesOf('Übersicht.md'), ['\ufeffa', 'Übersicht.md', '']);
});
test('numbers go out plain and whole, with their unit in the header', () => {
  const columns = [
    { title: 'Method', align: 'text' as const },
    { title: 'Computation', unit: 'FLOP', align: 'number' as const },
  ];
  const rows = [[{ text: 'slm' }, { text: '1.23 PFLOP', value: 1_234_567_890_123_456 }]];
  assert.equal(
    tableCsv({ caption: '', columns, rows }),
    'Method,Computation (FLOP)\r\nslm,1234567890123456\r\n',
  );
});
