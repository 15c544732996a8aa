/** How the Playground's models draw: what can be typed, and what holds where nothing was. Pure. */
import { WRITING } from '../../src/panel-protocol/playground.ts';

export type SamplingName = 'temperature' | 'topP' | 'tokens' | 'seed';

interface SamplingField {
  readonly name: SamplingName;
  readonly title: string;
  /** In words, for a number that is refused. */
  readonly range: string;
  readonly initial: number;
  accepts(value: number): boolean;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

export const SAMPLING: readonly SamplingField[] = [
  {
    name: 'temperature',
    title: 'Temperature',
    range: `a number from 0 (always the likeliest token) to ${WRITING.hottest}`,
    initial: 0.8,
    accepts: (value) => value >= 0 && value <= WRITING.hottest,
  },
  {
    name: 'topP',
    title: 'Top-p',
    range: 'a number above 0 up to 1 (all tokens)',
    initial: 1,
    accepts: (value) => value > 0 && value <= 1,
  },
  {
    name: 'tokens',
    title: 'Tokens',
    range: `a whole number from 1 to ${WRITING.mostTokens}`,
    initial: 64,
    accepts: (value) => isCount(value) && value >= 1 && value <= WRITING.mostTokens,
  },
  {
    name: 'seed',
    title: 'Seed',
    range: 'a whole number; equal seeds write equal texts',
    initial: 1,
    accepts: isCount,
  },
];

/** Why a number cannot be taken, in words; empty where it can. */
export function refusalOf({ title, range }: SamplingField, value: number): string {
  return Number.isFinite(value) ? '' : `${title}: ${range}.`;
}

/** What was typed as a number, the initial one where nothing was; NaN when it is refused. */
export function numberFrom(name: SamplingName, text: string | undefined): number {
  const field = SAMPLING.find((one) => one.name === name);
  if (field === undefined || text === undefined) return field?.initial ?? Number.NaN;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return field.accepts(value) ? value : Number.NaN;
}
