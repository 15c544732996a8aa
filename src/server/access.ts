/**
 * Who may ask: programs of this machine that know the token. A page in a browser runs on this machine too, so the address
 * alone says nothing: a page of any site can post to a loopback address, and by DNS rebinding read the answer under the
 * site's own name. So the name that was asked for must be a loopback one, and whatever a page sends is refused.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { ApiError } from './api-error.ts';

/** Whether a name or an address is this machine's own, which no other machine reaches. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost' || host === '::1') return true;
  return isIPv4(host) && host.startsWith('127.');
}

/** Throws ApiError 403 or 401. Without a token whoever reaches the address may ask. */
export function checkAccess({ headers }: Pick<IncomingMessage, 'headers'>, token: string | undefined): void {
  const asked = nameIn(headers.host ?? '');
  if (!isLoopback(asked)) {
    throw new ApiError(
      `This server answers under localhost and 127.0.0.1, not under "${asked}".`,
      'Use the address that it printed at its start.',
      { status: 403, code: 'host_refused' },
    );
  }
  if (headers.origin !== undefined) {
    throw new ApiError(
      `Pages in a browser (${headers.origin}) may not ask this server.`,
      'Ask it from a program.',
      { status: 403, code: 'origin_refused' },
    );
  }
  if (token !== undefined && !isToken(headers.authorization ?? '', token)) {
    throw new ApiError(
      'The token is missing or is not that of this server.',
      'Send it as "Authorization: Bearer <token>"; it was printed when the server started.',
      { status: 401, code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } },
    );
  }
}

/** Of a Host header: `localhost:8080`, `[::1]:8080`. A forwarded port is another than the server's. */
function nameIn(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

/** Compares digests in constant time, so that how long it takes tells neither the token nor its length. */
function isToken(authorization: string, token: string): boolean {
  const given = /^Bearer +(.*)$/i.exec(authorization)?.[1] ?? '';
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
