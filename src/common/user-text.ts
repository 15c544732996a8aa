/**
 * JSON that people write, as text: whatever their editor put before or around it. A byte-order mark of UTF-8 is no part of
 * the text; what is not UTF-8 is reported in words, because its characters would only show as signs that nobody typed.
 */
import { readFile } from 'node:fs/promises';
import { InputError, systemErrorCode } from './errors.ts';

/** Throws `InputError` when the file is not UTF-8, and what the system throws when it cannot be read. */
export async function readUserText(path: string): Promise<string> {
  return userText(await readFile(path), path);
}

/** The text of a file's bytes; `path` is for messages. Throws `InputError` when they are not UTF-8. */
export function userText(bytes: Uint8Array, path: string): string {
  const encoding = foreignEncoding(bytes);
  if (encoding !== undefined) {
    throw new InputError(
      `${path} is saved as ${encoding}; Parlance reads UTF-8.`,
      'Save it again with the encoding UTF-8 (in PowerShell: Set-Content -Encoding utf8).',
    );
  }
  return withoutMark(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
}

/** Without the byte-order mark that some editors put first. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Undefined for UTF-8. JSON begins with an ASCII character, so without a mark its zero byte tells UTF-16 and UTF-32. */
function foreignEncoding(bytes: Uint8Array): string | undefined {
  const starts = (...values: readonly number[]): boolean => values.every((value, i) => bytes[i] === value);
  if (starts(0xff, 0xfe, 0, 0) || starts(0, 0, 0xfe, 0xff)) return 'UTF-32';
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) return 'UTF-16';
  if (bytes.length > 1 && (bytes[0] === 0) !== (bytes[1] === 0)) return 'UTF-16';
  return isUtf8(bytes) ? undefined : 'text of an older encoding, such as Windows-1252';
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** As `readUserText`, or `undefined` when there is no such file. */
export async function readUserTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await readUserText(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
