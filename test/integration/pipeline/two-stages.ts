import type { Stage } from '../../../src/pipeline/stage.ts';
import { countingStage } from './counting-stage.ts';

/** A long stage with one short input. */
export function twoStages(trace: string, steps: number, stepMs: number): Stage {
  const below = countingStage({ name: 'below', steps: 2, stepMs: 0, trace });
  return countingStage({ name: 'above', steps, stepMs, trace, inputs: { below }, booking: 'specialization' });
}
