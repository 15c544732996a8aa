/**
 * Text into markup. Every name that comes from data (files, domains, methods, commands) passes through
 * `escapeHtml` once, where it is written out, and nowhere else, so that nothing is escaped twice or never.
 */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters (XML forbids most) and bidirectional overrides (they can make text read as another). */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Characters that would break or disguise a document become U+FFFD; tabs and line ends stay. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => ('\t\n\r'.includes(character) ? character : '\ufffd'));
}

/** Text as HTML or SVG content, or inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Text as Markdown that shows exactly it: no emphasis, links, HTML, table cells or code. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/[\n\r\t]+/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|#~!]/g, '\\$&');
}
