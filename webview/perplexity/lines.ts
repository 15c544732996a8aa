/** From curves to what is drawn: smoothed, on the axis that was chosen, reduced to the screen's columns. */
import type { CurvePoints } from '../messages.ts';
import { type Curve, type CurveAxis, curveName } from './curve-store.ts';
import { type Line, reduceLine, smoothed } from './reduce.ts';

export interface CurveView {
  readonly axis: CurveAxis;
  /** Whether perplexity stands on a logarithmic scale: then `y` is its logarithm, the loss in nats. */
  readonly isLog: boolean;
  /** Of the training curve, from 0 to below 1; validation is not smoothed. */
  readonly smoothing: number;
}

export interface DrawnLine extends Line {
  readonly name: string;
  /** Place of its colour. */
  readonly index: number;
  /** Place of its dashes: curves of one method differ by them. */
  readonly dash: number;
  readonly part: 'training' | 'validation';
}

export function drawnLines(
  curves: readonly { readonly curve: Curve; readonly index: number; readonly dash: number }[],
  view: CurveView,
  columns: number,
): readonly DrawnLine[] {
  return curves.flatMap(({ curve, index, dash }) =>
    (['training', 'validation'] as const).flatMap((part) => {
      const points = curve[part];
      if (points.loss.length === 0) return [];
      const line = lineOf(points, view, part === 'training' ? view.smoothing : 0, columns);
      return [{ ...line, name: `${part}: ${curveName(curve.facts)}`, index, dash, part }];
    }),
  );
}

function lineOf(points: CurvePoints, { axis, isLog }: CurveView, smoothing: number, columns: number): Line {
  const reduced = reduceLine({ x: points[axis], y: smoothed(points.loss, smoothing) }, columns);
  return isLog ? reduced : { x: reduced.x, y: reduced.y.map(Math.exp) };
}
