/** What can be undone in one labels file, the last first. */
import { InputError } from '../../../common/errors.ts';
import type { LabelChange } from '../../../corpus/labels/label-edits.ts';

const limit = 100;

/** Labels that were set in this window so far, in all folders. */
let count = 0;

export class UndoList {
  readonly #changes: { readonly change: LabelChange; readonly number: number }[] = [];

  /** The number of the last change, counted over all lists; 0 when there is none. */
  get last(): number {
    return this.#changes.at(-1)?.number ?? 0;
  }

  add(change: LabelChange): void {
    this.#changes.push({ change, number: ++count });
    if (this.#changes.length > limit) this.#changes.shift();
  }

  /**
   * Hands the last change's undoing to `write`. Throws `InputError` when there is none, and what `write` throws: then the
   * change is the last again, unless its undoing itself refused, because the entries are others by now and it never will.
   */
  async undoLast(write: (undo: LabelChange['undo']) => Promise<void>): Promise<LabelChange> {
    const last = this.#changes.pop();
    if (last === undefined) throw nothingToUndo();
    const place = this.#changes.length;
    let applies = true;
    try {
      await write((entries) => {
        applies = false;
        const undone = last.change.undo(entries);
        applies = true;
        return undone;
      });
    } catch (error) {
      // Where it was: changes that were made meanwhile come after it.
      if (applies) this.#changes.splice(place, 0, last);
      throw error;
    }
    return last.change;
  }
}

export function nothingToUndo(): InputError {
  return new InputError(
    'There is no label to undo.',
    'Labels that were set before this window was opened are changed by labelling again.',
  );
}
