/** A point of the grid: a model, and its measurement. */
import type { Method, Point } from '../../methods/method.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { ImportedModel } from '../results/imported-results.ts';

/** One measurement to come: an evaluation and the model that it evaluates. */
export interface GridPoint {
  readonly domain: string;
  readonly method: Method;
  readonly point: Point;
  readonly phase: 'before fine-tuning' | 'after fine-tuning';
  readonly model: Stage;
  readonly evaluation: Stage;
  /**
   * The evaluation of the served model as its seed draws it, before any training; shared by all methods of its size. Absent
   * where training began with a model that was given.
   */
  readonly untrained?: Stage;
  /** Set where the measurement came along and its model did not: nothing is trained for it. */
  readonly imported?: ImportedModel;
}

/** The in-domain sizes of a domain's points but for all of it, rising. */
export function curveOf(points: readonly GridPoint[], domain: string): readonly number[] {
  const sizes = points.filter((one) => one.domain === domain).map(({ point }) => point.domainTokens);
  return [...new Set(sizes)].filter((size) => size !== 'all').sort((a, b) => a - b);
}
