/**
 * The content of a gzip file as far as it can be had, as `gunzip` gives it. Node's own stream loses what it decoded in the
 * call that meets a fault; so the input goes in small slices, and the slice with the fault once more, byte by byte.
 */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** Thrown after everything before the fault was given. */
export class GzipFault extends Error {
  /** `trailing`: the text is whole, and bytes that belong to none come after it. */
  readonly kind: 'damaged' | 'trailing';

  constructor(kind: 'damaged' | 'trailing', cause: Error) {
    super(cause.message, { cause });
    this.kind = kind;
  }
}

/** The fault of a slice of the input, which begins at a position of the file; without one the file ends too early. */
class SliceFault extends Error {
  override readonly cause: Error;
  readonly position: number | undefined;

  constructor(cause: Error, position: number | undefined) {
    super(cause.message);
    this.cause = cause;
    this.position = position;
  }
}

const sliceBytes = 16 * 1024;
const headerFaults = /header|compression method/;

/** Decompressed chunks. Throws `GzipFault`, or the system's error when the file cannot be read. */
export async function* gunzipped(path: string): AsyncGenerator<Buffer> {
  let given = 0;
  for (let finelyFrom = Number.POSITIVE_INFINITY; ; ) {
    let known = given;
    try {
      for await (const chunk of decompressed(path, finelyFrom)) {
        const fresh = chunk.subarray(Math.min(known, chunk.length));
        known -= chunk.length - fresh.length;
        given += fresh.length;
        if (fresh.length > 0) yield fresh;
      }
      return;
    } catch (error) {
      if (!(error instanceof SliceFault)) throw error;
      const { cause, position } = error;
      if (position === undefined || finelyFrom !== Number.POSITIVE_INFINITY)
        throw new GzipFault(given > 0 && headerFaults.test(cause.message) ? 'trailing' : 'damaged', cause);
      finelyFrom = position;
    }
  }
}

/** The whole file from its beginning; from a position on it is fed byte by byte. Throws `SliceFault`. */
async function* decompressed(path: string, finelyFrom: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  const chunks: Buffer[] = [];
  let fault: Error | undefined;
  let wake = (): void => undefined;
  gunzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  gunzip.on('error', (error) => {
    fault ??= error;
    wake();
  });
  gunzip.on('end', () => wake());
  try {
    for await (const { slice, position } of slices(path, finelyFrom)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        gunzip.write(slice, (error) => {
          fault ??= error ?? undefined;
          resolve();
        });
      });
      yield* chunks.splice(0);
      if (fault !== undefined) throw new SliceFault(fault, position);
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (gunzip.readableEnded) resolve();
      else gunzip.end();
    });
    yield* chunks.splice(0);
    if (fault !== undefined) throw new SliceFault(fault, undefined);
  } finally {
    gunzip.destroy();
  }
}

async function* slices(
  path: string,
  finelyFrom: number,
): AsyncGenerator<{ readonly slice: Buffer; readonly position: number }> {
  let position = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes: Buffer = chunk;
    for (let start = 0; start < bytes.length; ) {
      const size = position >= finelyFrom ? 1 : Math.min(sliceBytes, finelyFrom - position);
      const slice = bytes.subarray(start, start + size);
      yield { slice, position };
      start += slice.length;
      position += slice.length;
    }
  }
}
