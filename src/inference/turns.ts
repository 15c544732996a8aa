/** Work that must not overlap: each waits until all that came before it has ended. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Waits for this turn; call what it answers with when the work has ended. */
  async next(): Promise<() => void> {
    const before = this.#last;
    let end = (): void => {};
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    return end;
  }
}
