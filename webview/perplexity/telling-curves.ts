/** Which of many curves are shown before the reader has chosen: those that train, else the longest of each method. */
import type { Curve } from './curve-store.ts';

/** Ids. The longest in tokens; of several as long the first, which the largest budget is. */
export function tellingCurves(curves: readonly Curve[]): ReadonlySet<string> {
  const telling = new Map<string, Curve>();
  for (const curve of curves) {
    const method = curve.facts.methods.join();
    const known = telling.get(method);
    if (known === undefined || rank(curve) > rank(known)) telling.set(method, curve);
  }
  return new Set([...telling.values()].map(({ facts }) => facts.id));
}

const rank = ({ facts, training }: Curve): number =>
  facts.state === 'training' ? Number.POSITIVE_INFINITY : (training.tokens.at(-1) ?? 0);
