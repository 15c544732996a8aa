/** The curves as sentences and as tables, with the values that are drawn: smoothed where the picture is. */

import type { Table } from '../../src/charts/table.ts';
import {
  formatCompact,
  formatCount,
  formatFlops,
  formatPerplexity,
  formatSeconds,
} from '../../src/common/format.ts';
import type { CurveFacts, CurvePoints } from '../../src/experiments/runs/curve-facts.ts';
import type { Quantity } from './axis.ts';
import { type Curve, type CurveAxis, curveName } from './curve-store.ts';
import { type CurveView, shownPerplexities } from './lines.ts';

export const CURVE_AXES: readonly {
  readonly id: CurveAxis;
  readonly title: string;
  readonly quantity: Quantity;
  readonly format: (value: number) => string;
}[] = [
  {
    id: 'tokens',
    title: 'tokens of this stage',
    quantity: 'tokens',
    format: (value) => `${formatCompact(value)} tokens`,
  },
  { id: 'flops', title: 'computation', quantity: 'FLOP', format: formatFlops },
  { id: 'seconds', title: 'device time', quantity: 'time', format: formatSeconds },
  { id: 'step', title: 'steps', quantity: 'steps', format: (value) => `step ${formatCount(value)}` },
];

export const axisOf = (id: CurveAxis) => CURVE_AXES.find((axis) => axis.id === id) ?? CURVE_AXES[0];

/** What text the curves of a kind were trained on: losses on unlike text do not compare. */
export const KIND_WORDS: Readonly<
  Record<CurveFacts['kind'], { readonly title: string; readonly text: string }>
> = {
  pretraining: {
    title: 'Pretraining',
    text: 'Training perplexity is that of the generic text that each method trains on, which methods choose differently: compare curves of one method only.',
  },
  'fine-tuning': {
    title: 'Training on the domain',
    text: "Training perplexity is that of the domain's training text, which falls as it is learned by heart; what counts is validation.",
  },
};

export function captionOf(kind: CurveFacts['kind'], curves: readonly Curve[]): string {
  if (curves.length === 0) return 'No curve is shown.';
  const marks = curves.some(({ validation }) => validation.loss.length > 0)
    ? ' Lines without marks are training, lines with marks are validation.'
    : '';
  return `${KIND_WORDS[kind].text}${marks}`;
}

export function summarizeCurves(curves: readonly Curve[], view: CurveView): string {
  const smoothing = view.smoothing > 0 ? 'Training is smoothed as drawn. ' : '';
  return curves.length === 0 ? '' : smoothing + curves.map((curve) => courseInWords(curve, view)).join(' ');
}

function courseInWords({ facts, training, validation }: Curve, view: CurveView): string {
  const parts = [];
  if (training.loss.length > 0) parts.push(`training perplexity ${ends(training, view, view.smoothing)}`);
  const best = lowest(validation);
  if (best !== undefined) {
    const place = axisOf(view.axis).format(validation[view.axis][best]);
    parts.push(`lowest validation ${formatPerplexity(Math.exp(validation.loss[best]))} at ${place}`);
  }
  return `${curveName(facts)} (${facts.state}): ${parts.length === 0 ? 'no points yet' : parts.join('; ')}.`;
}

function ends(points: CurvePoints, { axis }: CurveView, smoothing: number): string {
  const values = shownPerplexities(points, smoothing);
  const last = values.length - 1;
  const place = axisOf(axis).format(points[axis][last]);
  return `from ${formatPerplexity(values[0])} to ${formatPerplexity(values[last])} at ${place}`;
}

export function curveTable(curves: readonly Curve[], view: CurveView): Table {
  const numbers = [
    'Steps',
    'Tokens',
    'Computation',
    'Device time',
    'Training perplexity, last as drawn',
    'Validation perplexity, lowest',
    'At step',
  ];
  return {
    caption: 'Training and validation',
    columns: [
      { title: 'Curve', align: 'text' },
      { title: 'State', align: 'text' },
      ...numbers.map((title) => ({ title, align: 'number' as const })),
    ],
    rows: curves.map(({ facts, training, validation }) => {
      const last = training.loss.length - 1;
      const best = lowest(validation);
      const shown = shownPerplexities(training, view.smoothing).at(-1);
      const at = (axis: CurveAxis): string => (last < 0 ? '' : axisOf(axis).format(training[axis][last]));
      return [
        { text: curveName(facts) },
        { text: facts.state },
        { text: last < 0 ? '' : formatCount(training.step[last]) },
        { text: at('tokens') },
        { text: at('flops') },
        { text: at('seconds') },
        { text: shown === undefined ? '' : formatPerplexity(shown) },
        { text: best === undefined ? 'not validated' : formatPerplexity(Math.exp(validation.loss[best])) },
        { text: best === undefined ? '' : formatCount(validation.step[best]) },
      ];
    }),
  };
}

/** Every point of the curves as plain numbers, for export; `shown` is what is drawn. */
export function pointTable(curves: readonly Curve[], { smoothing }: CurveView): Table {
  const titles = [
    'Curve',
    'Part',
    'Step',
    'Trained (tokens)',
    'Computation (FLOP)',
    'Device time (s)',
    'Loss (nats per token)',
    'Perplexity (per token)',
    'Perplexity as drawn (per token)',
  ];
  return {
    caption: 'Points of the curves',
    columns: titles.map((title, index) => ({ title, align: index < 2 ? 'text' : 'number' })),
    rows: curves.flatMap(({ facts, training, validation }) =>
      [
        { part: 'training', points: training, shown: shownPerplexities(training, smoothing) },
        { part: 'validation', points: validation, shown: shownPerplexities(validation, 0) },
      ].flatMap(({ part, points, shown }) =>
        points.loss.map((loss, i) => [
          { text: curveName(facts) },
          { text: part },
          ...[
            points.step[i],
            points.tokens[i],
            points.flops[i],
            points.seconds[i],
            loss,
            Math.exp(loss),
            shown[i],
          ].map((value) => ({ text: `${value}` })),
        ]),
      ),
    ),
  };
}

function lowest({ loss }: CurvePoints): number | undefined {
  if (loss.length === 0) return undefined;
  return loss.reduce((best, value, index) => (value < loss[best] ? index : best), 0);
}
