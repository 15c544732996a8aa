/**
 * Reads what is new of an event log, a piece at a time, so that a reader in the editor never holds its thread for more
 * than a few milliseconds, however long the log is.
 */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemErrorCode } from '../common/errors.ts';
import { type LoggedEvent, parseEvent } from '../experiments/runs/events.ts';

const PIECE_BYTES = 32 * 1024;

export class EventReader {
  readonly #path: string;
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** Hands over all that is new, in pieces. Throws CorruptionError when a line cannot be read. */
  async read(onEvents: (events: readonly LoggedEvent[]) => void): Promise<void> {
    const file = await this.#open();
    if (file === undefined) return;
    try {
      for (;;) {
        const piece = Buffer.alloc(PIECE_BYTES);
        const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, this.#offset);
        if (bytesRead === 0) return;
        this.#offset += bytesRead;
        const events = this.#lines(piece.subarray(0, bytesRead)).map((line) => parseEvent(this.#path, line));
        if (events.length > 0) onEvents(events);
        await nextTurn();
      }
    } finally {
      await file.close();
    }
  }

  /** Whether the log has grown or was cut since. */
  async hasNews(): Promise<boolean> {
    const size = await stat(this.#path).then(
      (facts) => facts.size,
      () => 0,
    );
    return size !== this.#offset;
  }

  async #open(): Promise<FileHandle | undefined> {
    try {
      const file = await open(this.#path, 'r');
      // A torn last line is cut off by the next append: what was kept of it does not count.
      if ((await file.stat()).size < this.#offset) {
        this.#offset -= this.#rest.length;
        this.#rest = Buffer.alloc(0);
      }
      return file;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  #lines(piece: Buffer): string[] {
    const data = Buffer.concat([this.#rest, piece]);
    const end = data.lastIndexOf(0x0a) + 1;
    this.#rest = data.subarray(end);
    return data.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  }
}
