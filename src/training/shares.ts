/** How the micro-batches of a step are shared among several devices. */

interface Batch {
  readonly rows: number;
  readonly microBatches: number;
  /** Groups of rows with weights of their own, as a projected network has. */
  readonly groups: number | undefined;
}

export interface Shares {
  readonly microBatches: number;
  readonly devices: number;
}

/**
 * The same number of micro-batches for each device, as few as that takes. Where the batch cannot be divided so, each device
 * computes all of it.
 */
export function shares({ rows, microBatches, groups = 1 }: Batch, devices = 1): Shares {
  const divides = (count: number): boolean =>
    rows % count === 0 && (groups % count === 0 || count % groups === 0);
  const count = leastCommonMultiple(microBatches, devices);
  return divides(count) ? { microBatches: count, devices } : { microBatches, devices: 1 };
}

const leastCommonMultiple = (a: number, b: number): number => (a * b) / greatestCommonDivisor(a, b);
const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
