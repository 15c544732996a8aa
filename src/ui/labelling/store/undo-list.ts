/** What can be undone in one labels file, the last first. */
import { InputError } from '../../../common/errors.ts';
import type { LabelChange } from '../../../corpus/labels/label-edits.ts';

const limit = 100;

export class UndoList {
  readonly #changes: LabelChange[] = [];

  add(change: LabelChange): void {
    this.#changes.push(change);
    if (this.#changes.length > limit) this.#changes.shift();
  }

  /**
   * Hands the last change's undoing to `write`. Throws `InputError` when there is none, and what `write` throws: then the
   * change is the last again, unless its undoing itself refused, because the entries are others by now and it never will.
   */
  async undoLast(write: (undo: LabelChange['undo']) => Promise<void>): Promise<LabelChange> {
    const last = this.#changes.pop();
    if (last === undefined) {
      throw new InputError(
        'There is no label to undo.',
        'Labels that were set before this window was opened are changed by labelling again.',
      );
    }
    const place = this.#changes.length;
    let applies = true;
    try {
      await write((entries) => {
        applies = false;
        const undone = last.undo(entries);
        applies = true;
        return undone;
      });
    } catch (error) {
      // Where it was: changes that were made meanwhile come after it.
      if (applies) this.#changes.splice(place, 0, last);
      throw error;
    }
    return last;
  }
}
