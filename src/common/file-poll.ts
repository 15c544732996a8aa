/**
 * Looks at a few files now and then and says when one is not as it was noted: what a watcher misses that is not at work
 * yet, in a window that has just opened, or cannot be, on a network share.
 */
import { stat } from 'node:fs/promises';
import { systemErrorCode } from './errors.ts';

const LOOK_MS = 5_000;

export class FilePoll {
  readonly #files: () => readonly string[];
  readonly #onChange: () => void;
  readonly #timer: NodeJS.Timeout;
  #noted: string | undefined;

  constructor(files: () => readonly string[], onChange: () => void, everyMs = LOOK_MS) {
    this.#files = files;
    this.#onChange = onChange;
    this.#timer = setInterval(() => void this.#look(), everyMs);
    this.#timer.unref();
  }

  /** To be awaited before the files are read: what changes after it is reported. */
  async note(): Promise<void> {
    this.#noted = await stampsOf(this.#files());
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#noted === undefined) return;
    const noted = this.#noted;
    const now = await stampsOf(this.#files());
    // Noted anew meanwhile: whoever did that reads it.
    if (now === noted || this.#noted !== noted) return;
    this.#noted = now;
    this.#onChange();
  }
}

/** A file that is not there, or cannot be looked at, has a stamp too. */
async function stampsOf(files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size, mtimeMs, ino }) => `${file} ${size} ${mtimeMs} ${ino}`,
        (error: unknown) => `${file} ${systemErrorCode(error) ?? 'unknown'}`,
      ),
    ),
  );
  return stamps.join('\n');
}
