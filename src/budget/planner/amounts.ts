/** Budgets as people write them: `2e15`, `2PFLOP`, `90s`, `20min`, `2h`, `1.3M`; and as sentences show them. */
import { formatCompact, formatFlops, formatSeconds } from '../../common/format.ts';
import type { SplitCost } from '../cost.ts';
import type { PointCost } from '../measured-point.ts';

/** What may be spent: counted operations, or measured time on the device. */
export interface Amount {
  readonly unit: 'FLOPs' | 'seconds';
  readonly value: number;
}

/** What the final model may need. */
export interface InferenceLimit {
  readonly unit: 'parameters' | 'FLOPs per token';
  readonly value: number;
}

const PREFIXES = new Map([
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['B', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Z', 1e21],
  ['Y', 1e24],
]);
const SECONDS = new Map([
  ['s', 1],
  ['min', 60],
  ['h', 3600],
  ['d', 86_400],
]);

/** A count of one of `SECONDS`. */
const TIME = /(\d+(?:\.\d+)?)\s*(d|h|min|s)/g;
const SEVERAL_TIMES = new RegExp(`^\\s*(?:${TIME.source}\\s*){2,}$`);

/** `2e15`, `2P`, `2 PFLOP`, `2PFLOPs` in operations; `90s`, `20min`, `1 h 05 min` in time; `undefined` for other text. */
export function parseAmount(text: string): Amount | undefined {
  if (SEVERAL_TIMES.test(text)) {
    const times = [...text.matchAll(TIME)].map(([, count, unit]) => Number(count) * (SECONDS.get(unit) ?? 0));
    return { unit: 'seconds', value: times.reduce((sum, time) => sum + time, 0) };
  }
  const read = parseQuantity(text);
  if (read === undefined) return undefined;
  const time = SECONDS.get(read.unit);
  if (time !== undefined) return { unit: 'seconds', value: read.value * time };
  const value = scaled(read.value, read.unit.replace(/FLOPs?$/i, ''));
  return value === undefined ? undefined : { unit: 'FLOPs', value };
}

/**
 * `1.3M`, `1300000` or `1.3M parameters`; `500kFLOP` operations `a token` or `per token`; `undefined` for other text and for
 * nothing at all.
 */
export function parseInferenceLimit(text: string): InferenceLimit | undefined {
  const read = parseQuantity(text.replace(/\s*(?:parameters|(?:a|per)\s+token)\s*$/, ''));
  if (read === undefined) return undefined;
  const flop = /FLOPs?$/i.exec(read.unit);
  const value = scaled(read.value, read.unit.slice(0, flop?.index));
  if (value === undefined || value === 0) return undefined;
  return { unit: flop === null ? 'parameters' : 'FLOPs per token', value };
}

/** A whole number, perhaps with a prefix, `50k` or `1.2M`; `undefined` for other text. */
export function parseCount(text: string): number | undefined {
  const read = parseQuantity(text);
  const value = read && scaled(read.value, read.unit);
  if (value === undefined) return undefined;
  const count = Math.round(value);
  // 4.1k comes out a little below 4,100.
  return Math.abs(value - count) <= 1e-9 * value ? count : undefined;
}

export function formatAmount({ unit, value }: Amount): string {
  return unit === 'FLOPs' ? formatFlops(value) : formatSeconds(value);
}

export function formatInferenceLimit({ unit, value }: InferenceLimit): string {
  return unit === 'parameters' ? `${formatCompact(value)} parameters` : `${formatFlops(value)} per token`;
}

/** Whether a cost is within a limit: what is shown as the limit itself is, since people copy what they are shown. */
export function isWithin(value: number, limit: Amount): boolean {
  return value <= limit.value || formatAmount({ ...limit, value }) === formatAmount(limit);
}

/** The same for a model. */
export function isSmallEnough(value: number, limit: InferenceLimit): boolean {
  return value <= limit.value || formatInferenceLimit({ ...limit, value }) === formatInferenceLimit(limit);
}

/** A point's cost in the unit of an amount. */
export function costIn(unit: Amount['unit'], cost: PointCost): SplitCost {
  return unit === 'FLOPs'
    ? { generic: cost.genericFlops, specialization: cost.specializationFlops }
    : { generic: cost.genericSeconds, specialization: cost.specializationSeconds };
}

function parseQuantity(text: string): { readonly value: number; readonly unit: string } | undefined {
  const match = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  if (match === null) return undefined;
  const value = Number(match[1]);
  return Number.isFinite(value) ? { value, unit: match[2] } : undefined;
}

function scaled(value: number, prefix: string): number | undefined {
  const factor = PREFIXES.get(prefix);
  return factor === undefined ? undefined : value * factor;
}
