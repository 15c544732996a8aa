/** Content hashes. SHA-256 everywhere, so that a fingerprint can be checked with any tool. */
import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from './json.ts';

/** SHA-256 of text (as UTF-8) or bytes, as 64 lower-case hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of the canonical JSON text of a value. */
export function hashJson(value: Json): string {
  return sha256(canonicalJson(value));
}
