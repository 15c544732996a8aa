/** Windows without text behind them. */
import type { WindowSource } from '../../src/corpus/windows/windows.ts';

/** Windows whose targets are all different, from `first` on; an input is its target plus a million. */
export function windowsOf(lengths: readonly number[], context: number, first = 0): WindowSource {
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, first));
  const length = (window: number): number => {
    if (!(window in lengths)) throw new RangeError(`There is no window ${window}.`);
    return lengths[window];
  };
  return {
    count: lengths.length,
    context,
    tokens: lengths.reduce((a, b) => a + b, 0),
    endOfText: 0,
    length,
    read(window, inputs, targets, at) {
      for (let i = 0; i < length(window); i++) {
        targets[at + i] = starts[window] + i;
        inputs[at + i] = starts[window] + i + 1_000_000;
      }
      return length(window);
    },
  };
}
