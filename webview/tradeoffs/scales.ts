/**
 * Budgets on sliders: logarithmic, because budgets span decades; the last place means no limit. Amounts are rounded to
 * two digits, so that dragging gives amounts that people would write.
 */

export const STEPS = 200;

export interface Scale {
  readonly min: number;
  readonly max: number;
  /** Counts of things are whole numbers. */
  readonly whole: boolean;
}

/** From a half of the smallest positive value to twice the largest; `undefined` when no value is positive. */
export function scaleOf(values: readonly number[], whole: boolean): Scale | undefined {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return undefined;
  const min = Math.min(...positive) / 2;
  return { min: whole ? Math.max(1, Math.floor(min)) : min, max: Math.max(...positive) * 2, whole };
}

/** The value at a place from 0 to `STEPS` - 1; `undefined`, no limit, at `STEPS`. */
export function valueAt(scale: Scale, position: number): number | undefined {
  if (position >= STEPS) return undefined;
  const value = scale.min * (scale.max / scale.min) ** (position / (STEPS - 1));
  const rounded = Number(value.toPrecision(2));
  return scale.whole ? Math.max(1, Math.round(rounded)) : rounded;
}

/** The place nearest to a value, which may lie outside of the scale. */
export function positionOf(scale: Scale, value: number | undefined): number {
  if (value === undefined) return STEPS;
  const share = Math.log(value / scale.min) / Math.log(scale.max / scale.min);
  return Math.round(Math.min(1, Math.max(0, share)) * (STEPS - 1));
}
