/**
 * What a model was pretrained on, in words. What adapts a given model has no pretraining tokens, as what trains on the domain
 * alone has none: the method tells them apart.
 */
import { formatCompact } from '../common/format.ts';
import { isFromScratch } from '../methods/titles.ts';
import type { MeasuredPoint } from './measured-point.ts';

type Pretrained = Pick<MeasuredPoint, 'method' | 'pretrainingTokens'>;

/** Whether it began with a model from elsewhere in place of a pretraining. */
export function isGiven({ method, pretrainingTokens }: Pretrained): boolean {
  return pretrainingTokens === 0 && !isFromScratch(method);
}

/** As a figure in a table: `64M`, `none`, or `given`. */
export function pretrainingFigure(one: Pretrained): string {
  if (isGiven(one)) return 'given';
  return one.pretrainingTokens === 0 ? 'none' : formatCompact(one.pretrainingTokens);
}

/** In a sentence: `64M pretraining tokens`, `no pretraining` or `a given model`. */
export function pretrainingInWords(one: Pretrained): string {
  if (isGiven(one)) return 'a given model';
  return one.pretrainingTokens === 0
    ? 'no pretraining'
    : `${formatCompact(one.pretrainingTokens)} pretraining tokens`;
}
