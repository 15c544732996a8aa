/** The curves as sentences and as a table: what a reader who does not look at the picture learns. */
import {
  formatCompact,
  formatCount,
  formatFlops,
  formatPerplexity,
  formatSeconds,
} from '../charts/format.ts';
import type { Table } from '../charts/table.ts';
import type { CurvePoints } from '../messages.ts';
import { type Curve, type CurveAxis, curveName } from './curve-store.ts';

export const AXES: readonly {
  readonly id: CurveAxis;
  readonly title: string;
  readonly format: (value: number) => string;
}[] = [
  { id: 'tokens', title: 'tokens', format: (value) => `${formatCompact(value)} tokens` },
  { id: 'flops', title: 'FLOPs', format: formatFlops },
  { id: 'seconds', title: 'device time', format: formatSeconds },
  { id: 'step', title: 'steps', format: (value) => `step ${formatCount(value)}` },
];

/** How the parts of the curves are told apart; of validation only where there is some. */
export function captionOf(curves: readonly Curve[]): string {
  if (curves.length === 0) return '';
  return curves.some(({ validation }) => validation.loss.length > 0)
    ? 'Lines are training, joined dots are validation.'
    : 'Lines are training; these curves have no validation.';
}

export function summarizeCurves(curves: readonly Curve[], axis: CurveAxis): string {
  if (curves.length === 0) return 'No curve is shown.';
  return curves.map((curve) => courseInWords(curve, axis)).join(' ');
}

function courseInWords({ facts, training, validation }: Curve, axis: CurveAxis): string {
  const name = `${curveName(facts)} (${facts.state})`;
  if (training.loss.length === 0) return `${name}: no points yet.`;
  const { format } = axisOf(axis);
  const last = training.loss.length - 1;
  const course = `training perplexity from ${perplexityAt(training, 0)} to ${perplexityAt(training, last)} at ${format(training[axis][last])}`;
  const best = lowest(validation);
  if (best === undefined) return `${name}: ${course}.`;
  return `${name}: ${course}; lowest validation ${perplexityAt(validation, best)} at ${format(validation[axis][best])}.`;
}

export function curveTable(curves: readonly Curve[]): Table {
  return {
    caption: 'Training and validation',
    columns: [
      { title: 'Curve', align: 'text' },
      { title: 'State', align: 'text' },
      { title: 'Steps', align: 'number' },
      { title: 'Tokens', align: 'number' },
      { title: 'Computation', align: 'number' },
      { title: 'Device time', align: 'number' },
      { title: 'Training perplexity, last', align: 'number' },
      { title: 'Validation perplexity, lowest', align: 'number' },
      { title: 'At step', align: 'number' },
    ],
    rows: curves.map(({ facts, training, validation }) => {
      const last = training.loss.length - 1;
      const best = lowest(validation);
      const at = (axis: CurveAxis): string => (last < 0 ? '' : axisOf(axis).format(training[axis][last]));
      return [
        { text: curveName(facts) },
        { text: facts.state },
        { text: last < 0 ? '' : formatCount(training.step[last]) },
        { text: at('tokens') },
        { text: at('flops') },
        { text: at('seconds') },
        { text: last < 0 ? '' : perplexityAt(training, last) },
        { text: best === undefined ? 'not validated' : perplexityAt(validation, best) },
        { text: best === undefined ? '' : formatCount(validation.step[best]) },
      ];
    }),
  };
}

/** Every point of the curves, for export. */
export function pointTable(curves: readonly Curve[]): Table {
  const titles = ['Curve', 'Part', 'Step', 'Tokens', 'FLOPs', 'Seconds', 'Loss in nats', 'Perplexity'];
  return {
    caption: 'Points of the curves',
    columns: titles.map((title, index) => ({ title, align: index < 2 ? 'text' : 'number' })),
    rows: curves.flatMap(({ facts, training, validation }) =>
      [
        { part: 'training', points: training },
        { part: 'validation', points: validation },
      ].flatMap(({ part, points }) =>
        points.loss.map((loss, i) => [
          { text: curveName(facts) },
          { text: part },
          ...[points.step[i], points.tokens[i], points.flops[i], points.seconds[i], loss, Math.exp(loss)].map(
            (value) => ({ text: `${value}` }),
          ),
        ]),
      ),
    ),
  };
}

export const axisOf = (id: CurveAxis) => AXES.find((axis) => axis.id === id) ?? AXES[0];

function perplexityAt({ loss }: CurvePoints, index: number): string {
  return formatPerplexity(Math.exp(loss[index]));
}

function lowest({ loss }: CurvePoints): number | undefined {
  if (loss.length === 0) return undefined;
  return loss.reduce((best, value, index) => (value < loss[best] ? index : best), 0);
}
