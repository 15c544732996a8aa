/** Curves for the Perplexity panel, of any length. */

import type { CurvePoints } from '../../src/experiments/runs/curve-facts.ts';
import type { ToPanel } from '../../src/panel-protocol/messages.ts';

/** A falling curve with noise. */
export function curvePoints(count: number): CurvePoints {
  const index = Array.from({ length: count }, (_, i) => i + 1);
  return {
    step: index,
    tokens: index.map((i) => i * 2048),
    flops: index.map((i) => i * 2e10),
    seconds: index.map((i) => i * 0.1),
    loss: index.map((i) => 3 + 4 * Math.exp((-6 * i) / count) + 0.2 * Math.sin(i * 12.9898)),
  };
}

/** Of two methods; the first method's training has `count` points. */
export function curvesMessages(count: number): readonly ToPanel[] {
  const curves = ['slm', 'slm-is'].map((method) => ({
    id: `curve of ${method}`,
    kind: 'fine-tuning' as const,
    methods: [method],
    seed: 1,
    label: 'fine-tune small on 50k tokens of letters',
    state: 'training' as const,
  }));
  const parts = curves.flatMap(({ id }, index) => [
    { curve: id, part: 'training' as const, from: 0, points: curvePoints(index === 0 ? count : 500) },
    { curve: id, part: 'validation' as const, from: 0, points: curvePoints(8) },
  ]);
  return [
    { type: 'curves', curves },
    { type: 'points', parts },
  ];
}
