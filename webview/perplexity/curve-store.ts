/** The curves as they arrive: what each is, and its points so far. */

import type { CurveFacts, CurvePoints } from '../../src/experiments/runs/curve-facts.ts';
import type { ToPanel } from '../../src/panel-protocol/messages.ts';

type CurvePart = Extract<ToPanel, { type: 'points' }>['parts'][number];

export type CurveAxis = 'tokens' | 'flops' | 'seconds' | 'step';

export interface Curve {
  readonly facts: CurveFacts;
  readonly training: CurvePoints;
  readonly validation: CurvePoints;
}

const KEYS = ['step', 'tokens', 'flops', 'seconds', 'loss'] as const;

export class CurveStore {
  readonly #facts = new Map<string, CurveFacts>();
  readonly #points = new Map<string, Record<(typeof KEYS)[number], number[]>>();

  /** The curves that there are; points of others are forgotten. */
  setFacts(curves: readonly CurveFacts[]): void {
    this.#facts.clear();
    for (const curve of curves) this.#facts.set(curve.id, curve);
    for (const key of this.#points.keys()) {
      if (!this.#facts.has(key.slice(key.indexOf(' ') + 1))) this.#points.delete(key);
    }
  }

  add({ curve, part, from, points }: CurvePart): void {
    const own = this.#own(curve, part);
    for (const key of KEYS) {
      own[key].length = Math.min(own[key].length, from);
      for (const value of points[key]) own[key].push(value);
    }
  }

  get curves(): readonly Curve[] {
    return [...this.#facts.values()].map((facts) => ({
      facts,
      training: this.#own(facts.id, 'training'),
      validation: this.#own(facts.id, 'validation'),
    }));
  }

  #own(curve: string, part: CurvePart['part']): Record<(typeof KEYS)[number], number[]> {
    const key = `${part} ${curve}`;
    const known = this.#points.get(key);
    if (known !== undefined) return known;
    const made = { step: [], tokens: [], flops: [], seconds: [], loss: [] };
    this.#points.set(key, made);
    return made;
  }
}

export const curveName = ({ methods, seed, label }: CurveFacts): string =>
  [methods.join(', '), seed === undefined ? '' : `seed ${seed}`, label]
    .filter((part) => part !== '')
    .join(' · ');
