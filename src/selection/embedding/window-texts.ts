/**
 * The text of windows, for features and cluster cards: tokens back to text, in batches and in the order of the
 * windows. A character that the edge of a window cuts becomes U+FFFD; features do not mind.
 *
 * Weighed: `Tokenizer.decode` window by window. One buffer for all bytes of a window is several times as fast.
 */
import { letSignalsIn } from '../../common/interruption.ts';
import type { WindowSource } from '../../corpus/windows/windows.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';

const BATCH = 512;

/**
 * The texts of all windows of a source, `BATCH` at a time; the end-of-text token is left out. Timers and signals have their
 * turn before each batch, since neither reading nor counting words ever waits for anything. Throws `InterruptedError` when
 * it is stopped.
 */
export async function* windowTexts(
  windows: WindowSource,
  tokenizer: Tokenizer,
  signal?: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const read = windowReader(windows, tokenizer);
  for (let first = 0; first < windows.count; first += BATCH) {
    await letSignalsIn(signal);
    const count = Math.min(BATCH, windows.count - first);
    yield Array.from({ length: count }, (_, i) => read(first + i));
  }
}

/** Reads the text of one window by its number. */
export function windowReader(windows: WindowSource, tokenizer: Tokenizer): (window: number) => string {
  const pieces = Array.from({ length: tokenizer.vocabularySize }, (_, id) =>
    id === tokenizer.endOfText ? new Uint8Array() : tokenizer.tokenBytes(id),
  );
  // Not spread over arguments: a vocabulary may have more tokens than a call takes.
  const longest = pieces.reduce((most, { length }) => Math.max(most, length), 0);
  const bytes = Buffer.alloc(windows.context * longest);
  const inputs = new Int32Array(windows.context);
  const targets = new Int32Array(windows.context);
  return (window) => {
    const length = windows.read(window, inputs, targets, 0);
    let at = 0;
    for (let i = 0; i < length; i++) {
      const piece = pieces[targets[i]];
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes.toString('utf8', 0, at);
  };
}
