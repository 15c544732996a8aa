/** From curves of training to lines of a picture: smoothed, on the axis that was chosen. */
import type { CurvePoints } from '../../src/experiments/runs/curve-facts.ts';
import { type Curve, type CurveAxis, curveName } from './curve-store.ts';
import type { PictureLine, Stroke } from './frame.ts';
import { smoothed } from './reduce.ts';

export interface CurveView {
  readonly axis: CurveAxis;
  /** Whether perplexity stands on a logarithmic scale. */
  readonly isLog: boolean;
  /** Of the training curve, from 0 to below 1; validation is not smoothed. */
  readonly smoothing: number;
}

/** A curve with the place of its colour, and of its dash: curves of one method differ by it. */
export interface ListedCurve {
  readonly curve: Curve;
  readonly index: number;
  readonly dash: number;
}

/** One line for a curve's training, one for its validation where it has some. */
export function curveLines(curves: readonly ListedCurve[], view: CurveView): readonly PictureLine[] {
  return curves.flatMap(({ curve, index, dash }) =>
    (['training', 'validation'] as const).flatMap((part) => {
      const points = curve[part];
      if (points.loss.length === 0) return [];
      const stroke = strokeOf(points, view, part === 'training' ? view.smoothing : 0, dash);
      const line = {
        id: `${part} ${curve.facts.id}`,
        name: `${part}: ${curveName(curve.facts)}`,
        index,
        strokes: [stroke],
        seeds: [],
      };
      const marked = part === 'training' ? [] : stroke.x.map((x, i) => ({ x, y: stroke.y[i] }));
      return [{ ...line, marked }];
    }),
  );
}

/** By the line's id what a readout calls it: as short as tells it from the others, since the legend has the whole name. */
export function readoutNames(curves: readonly ListedCurve[]): ReadonlyMap<string, string> {
  const short = ({ facts }: Curve): string => curveName({ ...facts, label: '' });
  const all = curves.map(({ curve }) => short(curve));
  return new Map(
    curves.flatMap(({ curve }, i) => {
      const isAlone = all.indexOf(all[i]) === all.lastIndexOf(all[i]);
      const name = isAlone ? all[i] : curveName(curve.facts);
      return [
        [`training ${curve.facts.id}`, `${name}, training`],
        [`validation ${curve.facts.id}`, `${name}, validation`],
      ] as const;
    }),
  );
}

/** What the legend shows of a curve: its line, and its mark where it has validation. */
export function sampleLine({ curve, index, dash }: ListedCurve): PictureLine {
  const { facts, validation } = curve;
  const marked = validation.loss.length > 0 ? [{ x: 0, y: 1 }] : [];
  const strokes = [{ x: [], y: [], dash }];
  return { id: facts.id, name: curveName(facts), index, strokes, marked, seeds: [] };
}

function strokeOf(points: CurvePoints, { axis }: CurveView, smoothing: number, dash: number): Stroke {
  return { x: points[axis], y: shownPerplexities(points, smoothing), dash };
}

/** What is drawn of a curve, and what its words say. */
export function shownPerplexities({ loss }: CurvePoints, smoothing: number): readonly number[] {
  return smoothed(loss, smoothing).map(Math.exp);
}
