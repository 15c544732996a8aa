/**
 * Which of many curves are shown before the reader has chosen: of each method one, the longest or the one that trains. What
 * is shown stays: a picture that changes under the eyes, because another training began, cannot be read.
 */
import type { Curve } from './curve-store.ts';

/** Ids: those of `before` that are still there, and one of each method that has none. The longest in tokens counts; of
 * several as long the first, which the largest budget is. */
export function informativeCurves(
  curves: readonly Curve[],
  before: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const telling = new Map<string, Curve>();
  const kept = curves.filter(({ facts }) => before.has(facts.id));
  const represented = new Set(kept.map(methodsOf));
  for (const curve of curves) {
    const method = methodsOf(curve);
    if (represented.has(method)) continue;
    const known = telling.get(method);
    if (known === undefined || rank(curve) > rank(known)) telling.set(method, curve);
  }
  return new Set([...kept, ...telling.values()].map(({ facts }) => facts.id));
}

const methodsOf = ({ facts }: Curve): string => facts.methods.join();

const rank = ({ facts, training }: Curve): number =>
  facts.state === 'training' ? Number.POSITIVE_INFINITY : (training.tokens.at(-1) ?? 0);
