/** How wide text may be. Some terminals, serial lines and editors' tasks tell no width, or none that can be used. */

const WITHOUT_TERMINAL = 100;
const LEAST = 20;
const MOST = 120;

interface Output {
  readonly columns?: number;
}

/** The columns of a terminal; `undefined` when it tells none, or zero. */
export function columnsOf({ columns }: Output): number | undefined {
  return columns !== undefined && Number.isInteger(columns) && columns > 0 ? columns : undefined;
}

/** Characters in a line of text. */
export function textWidth(output: Output = process.stdout): number {
  return Math.max(LEAST, Math.min(columnsOf(output) ?? WITHOUT_TERMINAL, MOST));
}
