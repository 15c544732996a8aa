/** Lines of held-out perplexity as a picture, as sentences and as tables: all from the same points. */

import type { Table, TableCell } from '../../src/charts/table.ts';
import { formatCompact, formatPerplexity, formatPlural, formatTime } from '../../src/common/format.ts';
import type { OtherRuns } from '../../src/panel-protocol/messages.ts';
import type { Curve } from './curve-store.ts';
import type { PictureLine, Stroke } from './frame.ts';
import type { HeldOutLine, LinePoint } from './held-out-lines.ts';

/** A line with its place among the experiment's methods and, of other runs, what tells it from this experiment's. */
export interface ShownLine extends HeldOutLine {
  readonly index: number;
  readonly aside?: string;
}

const PRETRAINING_DASH = 0;
const DOMAIN_DASH = 1;

export function nameOf({ method, aside }: Pick<ShownLine, 'method' | 'aside'>): string {
  return aside === undefined ? method : `${method}, ${aside}`;
}

/** `run of 2026-11-29 01:15 UTC (pretraining.batchTokens 512 instead of 1024)` */
export function asideOf({ created, differs }: Pick<OtherRuns, 'created' | 'differs'>): string {
  return `run of ${formatTime(created)} (${differs.join('; ')})`;
}

export function pictureLine(line: ShownLine): PictureLine {
  const { points, best, tunedFrom, index, aside, method } = line;
  const untuned = points.filter(({ kind }) => kind !== 'trained on the domain');
  const last = points.at(-1);
  const strokes: Stroke[] = [];
  if (untuned.length > 1) strokes.push(strokeOf(untuned, PRETRAINING_DASH));
  if (tunedFrom !== undefined && last !== undefined) strokes.push(strokeOf([tunedFrom, last], DOMAIN_DASH));
  const isSpread = points.some(({ seeds }) => seeds.length > 1);
  return {
    id: nameOf(line),
    name: nameOf(line),
    index,
    strokes,
    marked: points.map(placeOf),
    seeds:
      isSpread && aside === undefined
        ? points.flatMap(({ seeds }) => seeds.map(({ tokens, perplexity }) => ({ x: tokens, y: perplexity })))
        : [],
    best: placeOf(best),
    ...(aside === undefined ? { label: method } : { isAside: true }),
  };
}

const strokeOf = (points: readonly LinePoint[], dash: number): Stroke => ({
  x: points.map(({ tokens }) => tokens),
  y: points.map(({ perplexity }) => perplexity),
  dash,
});

const placeOf = ({ tokens, perplexity }: LinePoint) => ({ x: tokens, y: perplexity });

/** What the picture cannot say by itself, in short sentences. */
export function captionOf(lines: readonly ShownLine[], domain: string): string {
  if (lines.length === 0) return 'No line is shown.';
  const sentences = [
    `Every point was measured on the held-out text of ${domain}, the same for all; lower is better.`,
    beginningsOf(lines),
  ];
  const unjoined = lines.filter(
    ({ points, tunedFrom }) => isTuned(points) && isPretrained(points) && tunedFrom === undefined,
  );
  const unmeasured = unjoined.filter(({ choosesTuned }) => !choosesTuned);
  if (unmeasured.length > 0) {
    sentences.push(
      `Of ${namesOf(unmeasured)} the model before training on the domain is not measured yet: the last point stands alone.`,
    );
  }
  const chosen = unjoined.filter(({ choosesTuned }) => choosesTuned);
  if (chosen.length > 0) {
    sentences.push(
      `Of ${namesOf(chosen)} the last point stands alone: it is chosen among several models trained on the domain, and none of the other points need be its start.`,
    );
  }
  if (lines.some(({ points }) => new Set(points.map(({ seeds }) => seeds.length)).size > 1))
    sentences.push('Not every seed is measured at every point yet.');
  if (lines.some(({ method }) => method === 'slm-mix'))
    sentences.push('Tokens of slm-mix are those of all its experts together.');
  return sentences.join(' ');
}

const namesOf = (lines: readonly ShownLine[]): string => lines.map(nameOf).join(', ');

function beginningsOf(lines: readonly ShownLine[]): string {
  const from = (...kinds: readonly LinePoint['kind'][]) =>
    lines.filter(({ points }) => kinds.includes(points[0].kind));
  const later = from('pretrained', 'trained on the domain');
  const who = later.length === lines.length ? '' : ` of ${namesOf(later)}`;
  if (later.length > 0)
    return `The model before any training${who} was not measured in these runs: lines begin at their first measured point.`;
  const given = from('given');
  if (given.length === 0) return 'Lines begin at the untrained model of the same size.';
  if (given.length === lines.length) return 'Lines begin at the given model.';
  return `Lines of ${namesOf(given)} begin at the given model, the others at an untrained one of the same size.`;
}

const isTuned = (points: readonly LinePoint[]): boolean => points.at(-1)?.kind === 'trained on the domain';

/** Without pretraining it is the untrained or the given model that comes before, of which the sentence before tells. */
const isPretrained = (points: readonly LinePoint[]): boolean => (points.at(-1)?.pretrainingTokens ?? 0) > 0;

export function summarizeLines(lines: readonly ShownLine[]): string {
  return lines.map((line) => `${nameOf(line)}: ${courseOf(line)}.`).join(' ');
}

function courseOf({ points, best }: ShownLine): string {
  return points
    .map((point) => {
      const words = `${formatPerplexity(point.perplexity)} ${stageInWords(point)}`;
      return point === best ? `${words} (lowest on validation text)` : words;
    })
    .join(', ');
}

/** `untrained`, `as given`, `at 262k tokens of pretraining`, `after 20k tokens of training on the domain`. */
export function stageInWords({ kind, tokens, pretrainingTokens }: LinePoint): string {
  if (kind === 'untrained') return 'untrained';
  if (kind === 'given') return 'as given';
  if (kind === 'pretrained') return `at ${formatCompact(tokens)} tokens of pretraining`;
  return `after ${formatCompact(tokens - pretrainingTokens)} tokens of training on the domain`;
}

/** What the readout says of a point of a line. */
export function pointInWords(line: ShownLine, x: number, y: number): string {
  const point = line.points.find(({ tokens, perplexity }) => tokens === x && perplexity === y);
  return point === undefined
    ? ''
    : `${nameOf(line)}: ${formatPerplexity(point.perplexity)} ${stageInWords(point)}`;
}

export function lineTable(lines: readonly ShownLine[], domain: string): Table {
  const numbers = [
    'Tokens trained',
    'Held-out perplexity',
    'Lowest seed',
    'Highest seed',
    'Validation',
    'Seeds',
  ];
  return {
    caption: `Held-out perplexity on ${domain} by tokens trained`,
    columns: [
      { title: 'Method', align: 'text' },
      { title: 'Stage', align: 'text' },
      ...numbers.map((title) => ({ title, align: 'number' as const })),
    ],
    rows: lines.flatMap((line) =>
      line.points.map((point): readonly TableCell[] => {
        const seeds = point.seeds.map(({ perplexity }) => perplexity);
        return [
          { text: nameOf(line) },
          { text: point.kind },
          { text: formatCompact(point.tokens) },
          { text: formatPerplexity(point.perplexity) },
          { text: formatPerplexity(Math.min(...seeds)) },
          { text: formatPerplexity(Math.max(...seeds)) },
          { text: formatPerplexity(point.validation), ...(point === line.best && { best: true as const }) },
          { text: `${seeds.length}` },
        ];
      }),
    ),
  };
}

/** Everything that is shown as plain numbers, for export: each mean, then its seeds. */
export function lineNumbers(lines: readonly ShownLine[], domain: string): Table {
  const texts = ['Domain', 'Method', 'Run', 'Stage', 'Seed'];
  const numbers = [
    'Trained (tokens)',
    'Pretraining (tokens)',
    'Held-out perplexity (per token)',
    'Validation perplexity (per token)',
  ];
  const row = (line: ShownLine, point: LinePoint, seed: string, values: readonly number[]) =>
    [domain, line.method, line.aside ?? 'this experiment', point.kind, seed, ...values].map((value) => ({
      text: `${value}`,
    }));
  return {
    caption: `Held-out perplexity on ${domain} by tokens trained`,
    columns: [
      ...texts.map((title) => ({ title, align: 'text' as const })),
      ...numbers.map((title) => ({ title, align: 'number' as const })),
    ],
    rows: lines.flatMap((line) =>
      line.points.flatMap((point) => {
        const { tokens, pretrainingTokens, perplexity, validation, seeds } = point;
        return [
          row(line, point, `mean of ${seeds.length}`, [tokens, pretrainingTokens, perplexity, validation]),
          ...seeds.map((one) =>
            row(line, point, `${one.seed}`, [one.tokens, pretrainingTokens, one.perplexity, one.validation]),
          ),
        ];
      }),
    ),
  };
}

/** Where each training that is under way stands: `slm, seed 1: pretraining, 131k of 262k tokens`. */
export function trainingNow(curves: readonly Curve[]): readonly string[] {
  return curves
    .filter(({ facts, training }) => facts.state === 'training' && training.loss.length > 0)
    .map(({ facts, training }) => {
      const { kind, methods, seed, steps, label } = facts;
      const who = methods.length === 0 ? label : methods.join(', ');
      const last = training.loss.length - 1;
      const [step, tokens] = [training.step[last], training.tokens[last]];
      const of = (word: string) =>
        steps === undefined ? '' : ` of ${word}${formatCompact((tokens * steps) / Math.max(1, step))}`;
      const far =
        kind === 'pretraining'
          ? `pretraining, ${formatCompact(tokens)}${of('')} tokens`
          : `training on the domain, ${formatCompact(tokens)}${of('at most ')} tokens`;
      return `${who}${seed === undefined ? '' : `, seed ${seed}`}: ${far}`;
    });
}

/** What the earlier runs beside the picture are, or why there are none. */
export function othersInWords(
  shown: number,
  { otherText, unknown }: { otherText: number; unknown: number },
): string {
  const left = [
    ...(otherText > 0 ? [`${formatPlural(otherText, 'earlier run')} read other text`] : []),
    ...(unknown > 0
      ? [`of ${formatPlural(unknown, 'earlier run')} it is not recorded which text was read`]
      : []),
  ];
  const none = shown === 0 && left.length === 0 ? 'No earlier run has other settings on the same text.' : '';
  return left.length === 0 ? none : `Not comparable here: ${left.join('; ')}.`;
}
