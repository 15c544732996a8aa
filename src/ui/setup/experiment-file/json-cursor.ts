/**
 * Where a cursor stands in JSON that is being typed and may be unfinished: the path of the value, and the string that it
 * is in. The text before the cursor alone decides. Pure.
 */
import type { JsonPath } from '../../../common/json-locations.ts';

export interface JsonCursor {
  /** Of the value at the cursor. */
  readonly path: JsonPath;
  /** In a key: what comes there is a name, not a value. */
  readonly inKey: boolean;
  /** What stands in the string so far, and the offset of its first character; absent outside of one. */
  readonly string?: { readonly text: string; readonly start: number };
}

interface Level {
  readonly kind: '{' | '[';
  index: number;
  key: string | undefined;
  /** After the colon. */
  inValue: boolean;
}

export function jsonCursor(text: string, offset: number): JsonCursor {
  const levels: Level[] = [];
  let string: { text: string; start: number } | undefined;
  for (let i = 0; i < offset; i++) {
    const character = text[i];
    const level = levels.at(-1);
    if (string !== undefined) {
      if (character === '"') {
        if (level?.kind === '{' && !level.inValue) level.key = string.text;
        string = undefined;
      } else {
        string.text += character;
        if (character === '\\') string.text += text[++i] ?? '';
      }
      continue;
    }
    if (character === '"') string = { text: '', start: i + 1 };
    else if (character === '{' || character === '[') {
      levels.push({ kind: character, index: 0, key: undefined, inValue: false });
    } else if (character === '}' || character === ']') levels.pop();
    else if (character === ':' && level !== undefined) level.inValue = true;
    else if (character === ',' && level !== undefined) {
      level.index++;
      level.key = undefined;
      level.inValue = false;
    }
  }
  const last = levels.at(-1);
  const path = levels.flatMap(({ kind, index, key }): (string | number)[] =>
    kind === '[' ? [index] : key === undefined ? [] : [key],
  );
  return { path, inKey: last?.kind === '{' && !last.inValue, ...(string === undefined ? {} : { string }) };
}

/** Whether a path matches a pattern in which `*` stands for any one step. */
export function matches(path: JsonPath, pattern: readonly string[]): boolean {
  return path.length === pattern.length && pattern.every((one, i) => one === '*' || one === String(path[i]));
}
