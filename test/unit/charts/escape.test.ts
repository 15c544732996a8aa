import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeHtml, visible } from '../../../src/charts/escape.ts';

test('every character that means something in markup becomes an entity', () => {
  assert.equal(escapeHtml(`<a b="c" d='e'>&`), '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
});

test('no text can open a tag, end an attribute or start an entity of its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const escaped = escapeHtml(text);
      assert.doesNotMatch(escaped, /[<>"']/);
      assert.doesNotMatch(escaped, /&(?!(amp|lt|gt|quot|#39);)/);
    }),
  );
});

test('control characters and direction overrides are made visible; tabs and line ends stay', () => {
  assert.equal(visible('a\u0000b\u202ec\td\ne'), 'a\ufffdb\ufffdc\td\ne');
});
