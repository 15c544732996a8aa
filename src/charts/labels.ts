/**
 * Direct labels that do not overlap. Pool-adjacent-violators: labels that would overlap merge into a block that
 * sits at the mean of its wishes, which is the least-squares solution for a fixed order; no iteration to tune.
 */

interface Block {
  /** Sum over the block's labels of (wish - offset in the block). */
  sum: number;
  count: number;
}

/**
 * Positions with at least `gap` between neighbours, in the order of the wishes, within [low, high], as near to the
 * wishes as that allows. Labels that do not all fit share the room equally.
 */
export function spreadLabels(
  wishes: readonly number[],
  gap: number,
  low: number,
  high: number,
): readonly number[] {
  if (wishes.length === 0) return [];
  const distance = wishes.length > 1 ? Math.min(gap, (high - low) / (wishes.length - 1)) : gap;
  const order = wishes.map((_, index) => index).sort((a, b) => wishes[a] - wishes[b]);
  const blocks: Block[] = [];
  for (const index of order) {
    blocks.push({ sum: wishes[index], count: 1 });
    mergeOverlaps(blocks, distance);
  }
  const positions = new Array<number>(wishes.length).fill(0);
  let rank = 0;
  let floor = low;
  for (const block of blocks) {
    const below = (wishes.length - rank - 1) * distance;
    const start = Math.max(floor, Math.min(block.sum / block.count, high - below));
    for (let i = 0; i < block.count; i++) positions[order[rank + i]] = start + i * distance;
    rank += block.count;
    floor = start + block.count * distance;
  }
  return positions;
}

function mergeOverlaps(blocks: Block[], distance: number): void {
  while (blocks.length > 1) {
    const last = blocks[blocks.length - 1];
    const previous = blocks[blocks.length - 2];
    if (previous.sum / previous.count + previous.count * distance <= last.sum / last.count) return;
    previous.sum += last.sum - last.count * previous.count * distance;
    previous.count += last.count;
    blocks.pop();
  }
}
