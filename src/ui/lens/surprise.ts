/**
 * How much a model is surprised by each line of a text, from the log-probabilities of its tokens, and how strongly a line
 * is shaded for it. A line is held against the text's own middle, not against a fixed figure: what a model finds odd in
 * a text stands out, whether the model is good or poor. Pure.
 */
import type { ScoredToken } from '../../inference/language-model.ts';

export type ScoredSpan = Pick<ScoredToken, 'start' | 'end' | 'logProbability'>;

export interface LineSurprise {
  readonly bits: number;
  /** UTF-8, with the line's end. */
  readonly bytes: number;
  readonly isBlank: boolean;
}

export interface TextFigures {
  readonly bitsPerByte: number;
  /** Per token. */
  readonly perplexity: number;
  readonly tokens: number;
}

/** 0 is not shaded. */
export type Level = 0 | 1 | 2 | 3 | 4 | 5;
export const levels = [1, 2, 3, 4, 5] as const;

/** Bits per byte above the text's middle from which a line has level 1, 2, … */
const steps = [0.3, 0.7, 1.2, 1.8, 2.5];
/** A line counts as if it had so many bytes of the text's middle besides: a few words alone prove little. */
const dampingBytes = 8;

/**
 * The lines of a text with LF line ends. `tokens` in order; those of parts that are not scored yet are absent, and their
 * lines are `undefined`. A token over a line's end is shared out by length.
 */
export function lineSurprises(
  text: string,
  tokens: readonly ScoredSpan[],
): readonly (LineSurprise | undefined)[] {
  const lines = text.split('\n');
  const bits: (number | undefined)[] = lines.map(() => undefined);
  let [line, lineEnd] = [0, lines[0].length + 1];
  const forward = (offset: number): void => {
    while (offset >= lineEnd && line < lines.length - 1) lineEnd += lines[++line].length + 1;
  };
  for (const { start, end, logProbability } of tokens) {
    const tokenBits = -logProbability / Math.LN2;
    forward(start);
    for (let from = start; ; ) {
      const to = Math.min(end, lineEnd);
      const share = end > start ? (to - from) / (end - start) : 1;
      bits[line] = (bits[line] ?? 0) + share * tokenBits;
      if (to >= end || line === lines.length - 1) break;
      from = to;
      forward(from);
    }
  }
  return lines.map((content, index) => {
    const own = bits[index];
    if (own === undefined) return undefined;
    const ending = index < lines.length - 1 ? 1 : 0;
    return {
      bits: own,
      bytes: Buffer.byteLength(content) + ending,
      isBlank: content.trim() === '',
    };
  });
}

/** Of all tokens together; `undefined` of none. */
export function figuresOf(text: string, tokens: readonly ScoredSpan[]): TextFigures | undefined {
  if (tokens.length === 0) return undefined;
  const nats = tokens.reduce((sum, { logProbability }) => sum - logProbability, 0);
  return {
    bitsPerByte: nats / Math.LN2 / Math.max(1, Buffer.byteLength(text)),
    perplexity: Math.exp(nats / tokens.length),
    tokens: tokens.length,
  };
}

/** The text's middle: half of its bytes lie in lines of fewer bits per byte. 0 for a text without words. */
export function middleOf(lines: readonly (LineSurprise | undefined)[]): number {
  const own = lines
    .flatMap((line) => (line === undefined || line.isBlank ? [] : [line]))
    .map(({ bits, bytes }) => ({ rate: bits / bytes, bytes }))
    .sort((a, b) => a.rate - b.rate);
  let left = own.reduce((sum, { bytes }) => sum + bytes, 0) / 2;
  for (const { rate, bytes } of own) {
    left -= bytes;
    if (left <= 0) return rate;
  }
  return 0;
}

export function levelOf(line: LineSurprise | undefined, middle: number): Level {
  if (line === undefined || line.isBlank) return 0;
  const damped = (line.bits + dampingBytes * middle) / (line.bytes + dampingBytes);
  const passed = steps.filter((step) => damped - middle >= step).length;
  return ([0, ...levels] as const)[passed];
}

/** Runs of neighbouring lines of each level, the ends included: a decoration each, of which a text must not have too many. */
export function runsByLevel(
  ofLines: readonly Level[],
): Readonly<Record<Exclude<Level, 0>, readonly { readonly first: number; readonly last: number }[]>> {
  const runs: Record<Exclude<Level, 0>, { first: number; last: number }[]> = {
    1: [],
    2: [],
    3: [],
    4: [],
    5: [],
  };
  for (const [line, level] of ofLines.entries()) {
    if (level === 0) continue;
    const open = runs[level].at(-1);
    if (open?.last === line - 1) open.last = line;
    else runs[level].push({ first: line, last: line });
  }
  return runs;
}
