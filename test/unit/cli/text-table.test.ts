import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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
