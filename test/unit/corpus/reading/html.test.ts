/** What is read of a page, and that no page takes long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { htmlToPlainText } from '../../../../src/corpus/reading/html.ts';

const cases: readonly (readonly [what: string, html: string, text: string])[] = [
  [
    'cells and rows',
    '<table><tr><th>Part<th>Size<tr><td>Bolt</td><td>12</td></tr></table>',
    'Part Size\nBolt 12',
  ],
  [
    'terms',
    '<dl><dt>Nut<dd>holds a bolt<dt>Bolt<dd>holds a nut</dl>',
    'Nut\nholds a bolt\nBolt\nholds a nut',
  ],
  ['options', '<select><option>red</option><option>blue</option></select>', 'red blue'],
  ['buttons', '<p><button>Save</button><button>Leave</button></p>', 'Save Leave'],
  [
    'lists in lists',
    '<ul><li>One<ul><li>Two</li><li>Three</li></ul></li><li>Four</li></ul>',
    ' * One\n   * Two\n   * Three\n * Four',
  ],
  ['numbers of a list', '<ol start="3"><li>c<li>d</ol>', ' 3. c\n 4. d'],
  [
    'paragraphs and lines',
    '<h2>Head</h2><p>a\n b<br>c</p><div>d</div><div>e</div>',
    'Head\n\na b\nc\n\nd\ne',
  ],
  ['words within a line', 'un<b>break</b>able <i> and</i> more', 'unbreakable and more'],
  ['entities', '<p>caf&eacute; &lt;b&gt; &amp;amp;</p>', 'café <b> &amp;'],
  [
    'spaces that are meant',
    '<p>Code:</p><pre>\nif x:\n    y\n\nz</pre><p>end</p>',
    'Code:\n\nif x:\n    y\n\nz\n\nend',
  ],
  ['quotations', '<p>He said</p><blockquote>one<br>two</blockquote>', 'He said\n\n> one\n> two'],
  [
    'no scripts, menus and pictures',
    '<title>T</title><script>if (a<b) {}</script><div><nav>menu<li>x</div>text<img alt=no><svg><text>no</text></svg>',
    'text',
  ],
  [
    'what closes itself, as in XHTML',
    '<head><title/><script src="a.js"/></head><body><script src="b.js"/><p>one <svg class="i"/>two</p><nav/>three</body>',
    'one two\n\nthree',
  ],
  ['an end after what closed itself', '<script src="a.js"/></script>text<svg/>', 'text'],
  ['ends without beginnings', '</b></div>text</p></nav>', 'text'],
];

for (const [what, html, text] of cases) {
  test(`of a page are read: ${what}`, () => {
    assert.equal(htmlToPlainText(html), text);
  });
}

test('tags that nobody closes lose no text, however many there are', () => {
  for (const tag of ['<b>', '<div>', '<p>', '<li>', '<td>', '<font><ul>']) {
    const text = htmlToPlainText(Array.from({ length: 30_000 }, (_, i) => `${tag}w${i}`).join(' '));
    assert.equal(text.match(/w\d+/g)?.length, 30_000, tag);
  }
});

test('a long list whose items nobody closes ends where it ends', () => {
  const text = htmlToPlainText(`<ul>${'<li>item'.repeat(1000)}</ul><p>after</p><ul><li>other</ul>`);
  assert.ok(text.endsWith('\n * item\n\nafter\n\n * other'), text.slice(-60));
});
