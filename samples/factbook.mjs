/** An entry of the World Factbook as readable text: a heading a section, a line a field. */

/** @typedef {{ [key: string]: Entry | string | null }} Entry */

/**
 * @param {string} name for example `Austria`
 * @param {Entry} entry sections, each of fields, each of text or of further fields
 */
export function factbookText(name, entry) {
  const sections = Object.entries(entry).map(([title, fields]) => {
    const lines = Object.entries(asEntry(fields)).flatMap(([field, value]) => fieldLines(field, value));
    return `${title}\n\n${lines.join('\n')}`;
  });
  return `${name}\n\n${sections.join('\n\n')}\n`;
}

/**
 * @param {string} field
 * @param {Entry | string | null} value
 * @returns {string[]}
 */
function fieldLines(field, value) {
  const { text, ...parts } = asEntry(value);
  const own = [clean(text), ...Object.entries(parts).map(([name, part]) => partText(name, part))];
  const joined = own.filter((line) => line !== '').join('; ');
  return joined === '' ? [] : [`${field}: ${joined}`];
}

/**
 * @param {string} name
 * @param {Entry | string | null} value
 */
function partText(name, value) {
  const text = clean(asEntry(value).text);
  return text === '' ? '' : `${name}: ${text}`;
}

/**
 * The data mark a line break by ` ++ `.
 * @param {Entry | string | null | undefined} text
 */
function clean(text) {
  if (typeof text !== 'string') return '';
  return text
    .split('++')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n');
}

/**
 * @param {Entry | string | null} value
 * @returns {Entry}
 */
function asEntry(value) {
  return typeof value === 'object' && value !== null ? value : { text: value };
}
