import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnsOf, textWidth } from '../../../src/cli/display/width.ts';
import { formatTable, wrap } from '../../../src/cli/text-table.ts';

const table = {
  caption: '',
  columns: [
    { title: 'Method', align: 'text' as const },
    { title: '16k in-domain tokens', align: 'number' as const },
  ],
  rows: [
    [{ text: 'slm' }, { text: '17.30', detail: '17.10–17.50', best: true as const }],
    [{ text: 'slm-nopt' }, { text: '–' }],
  ],
};

test('titles wrap, numbers stand at the right, details below, the best is marked', () => {
  assert.equal(
    formatTable(table, 80),
    [
      'Method                16k',
      '                in-domain',
      '                   tokens',
      '------------  -----------',
      'slm                *17.30',
      '              17.10–17.50',
      'slm-nopt                –',
    ].join('\n'),
  );
});

test('wrapped text keeps its words and never passes the width', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^\w{1,30}$/)),
      fc.integer({ min: 5, max: 60 }),
      (words, width) => {
        const lines = wrap(words.join(' '), width);
        assert.ok(lines.every((line) => line.length <= width));
        assert.equal(lines.join('').replaceAll(' ', ''), words.join(''));
      },
    ),
  );
});

const TOLD = [undefined, 0, -1, 0.5, 1, 2, 19, 80, 1e9, Number.NaN, Number.POSITIVE_INFINITY];

test('whatever width a terminal tells, text and tables come out whole', () => {
  const words = 'a recommendation in some words';
  for (const columns of TOLD) {
    const widths = [
      textWidth({ columns }),
      textWidth({ columns }) - 4,
      ...(columns === undefined ? [] : [columns]),
    ];
    for (const width of widths) {
      assert.equal(wrap(words, width).join('').replaceAll(' ', ''), words.replaceAll(' ', ''));
      assert.match(formatTable(table, width), /\*17\.30/);
    }
  }
});

test('a terminal that tells no columns has none, and text is set for a page', () => {
  for (const columns of [undefined, 0, -1, Number.NaN]) {
    assert.equal(columnsOf({ columns }), undefined);
    assert.equal(textWidth({ columns }), 100);
  }
  assert.equal(textWidth({ columns: 80 }), 80);
});
