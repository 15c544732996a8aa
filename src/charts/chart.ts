/** What a chart is before it is drawn: the drawing, the sentence and the table are all made from this. */
import type { Spread } from '../budget/measured-point.ts';

export interface Chart {
  /** What is against what, for example `Perplexity against pretraining tokens`. */
  readonly title: string;
  /** The domain and what is held fixed, for example `on letters, after fine-tuning on 1.2M in-domain tokens`. */
  readonly context: string;
  readonly axis: AxisFacts;
  readonly series: readonly Series[];
  /** `curve`: points joined, labels at the right edge. `dots`: apart, labels beside them. */
  readonly shape: 'curve' | 'dots';
  /** The Pareto front, cheapest first: points of the series, the same objects. */
  readonly front?: readonly Point[];
  /** A budget on the x axis: what stands to its right is over it. */
  readonly limit?: number;
}

export interface AxisFacts {
  readonly label: string;
  /** What stands under the place for zero. */
  readonly zero: string;
  /** Of plain numbers, where the label does not say it. */
  readonly unit?: string;
  /** In a sentence, with its unit. */
  readonly format: (value: number) => string;
  /** In a table, under the axis's label. */
  readonly formatExact: (value: number) => string;
  readonly formatTick: (value: number) => string;
}

export interface Series {
  readonly method: string;
  readonly title: string;
  /** Place in the experiment's list of methods; chooses colour and marker. */
  readonly index: number;
  /** A model over the inference cap: shown for comparison, never a candidate. */
  readonly ceiling: boolean;
  /** Each domain pays a pretraining of its own, which the x axis counts among the specialization. */
  readonly pretrainsPerDomain?: true;
  /** Why it does not meet the budgets that the reader gave; drawn faintly. */
  readonly infeasible?: string;
  /** Ascending by x. */
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly perplexity: Spread;
  /** What the point stands for beyond its x, for the tooltip. */
  readonly note: string;
  /** Of generic text; absent where the axis tells them, or where the point lies between two budgets. */
  readonly pretrainingTokens?: number;
  /** Not measured: its spread is that of the estimate, and no seed stands behind it. Drawn hollow. */
  readonly estimated?: 'interpolated' | 'predicted';
  /** The recommended one, ringed. */
  readonly chosen?: true;
  /** What a click or the Enter key on it asks for; without it the point cannot be pressed. */
  readonly key?: string;
}

/** A method's name with its role. */
export function seriesLabel(series: Series): string {
  if (series.ceiling) return `${series.method} (ceiling)`;
  return series.pretrainsPerDomain ? `${series.method} (pretrains)` : series.method;
}
