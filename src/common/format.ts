/**
 * Numbers for people, the same in charts, tables, sentences and Markdown. English and independent of the
 * machine's locale, so that the same results give the same report everywhere.
 */

const THOUSANDS = /\B(?=(\d{3})+$)/g;

/** An exact count: `1,234,567`. */
export function formatCount(value: number): string {
  return Math.round(value).toString().replace(THOUSANDS, ',');
}

/** A perplexity with 4 significant digits: `8.043`, `17.30`, `227.1`, `12,350`. */
export function formatPerplexity(value: number): string {
  const rounded = value.toPrecision(4);
  return rounded.includes('e') ? formatCount(Number(rounded)) : rounded;
}

/** `82.31 to 85.02`; one number where both ends print alike. */
export function formatRange(
  low: number,
  high: number,
  format: (value: number) => string = formatPerplexity,
  between = ' to ',
): string {
  const [from, to] = [format(low), format(high)];
  return from === to ? from : `${from}${between}${to}`;
}

/** Bits per byte with 4 decimals. */
export function formatBits(value: number): string {
  return value.toFixed(4);
}

/** Tokens a second, of slow training too: `70,404`, `0.42`. */
export function formatSpeed(tokensPerSecond: number): string {
  return tokensPerSecond < 9.95 ? tokensPerSecond.toPrecision(2) : formatCount(tokensPerSecond);
}

/** A number of tokens or parameters with a prefix: `512`, `1.2k`, `1.2M`, `3.4B`. */
export function formatCompact(value: number): string {
  return prefixed(value, ['', 'k', 'M', 'B', 'T'], 2).join('');
}

const TOKENS = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** Tokens in labels, with one digit more than `formatCompact`: 1234567 is 1.23M, 2048 is 2.05k. */
export function formatTokens(count: number): string {
  return TOKENS.format(count).replace('K', 'k');
}

/** Floating-point operations with a prefix and 3 digits: `3.40 TFLOP`. */
export function formatFlops(value: number): string {
  const [scaled, prefix] = prefixed(value, ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'], 3);
  return `${prefix === '' ? scaled : scaled.toPrecision(3)} ${prefix}FLOP`;
}

/** The same for an axis, where values are round: `5 TFLOP`. */
export function formatFlopsTick(value: number): string {
  const [scaled, prefix] = prefixed(value, ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z'], 3);
  return `${scaled} ${prefix}FLOP`;
}

/** A time with its two leading units, to the millisecond: `0.42 s`, `2 min 10 s`, `1 h 05 min`, `3 d 4 h`. */
export function formatSeconds(value: number): string {
  if (value < 0.0005) return '0 s';
  if (value < 9.95) return `${Number(value.toPrecision(2))} s`;
  const whole = Math.round(value);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`;
  const minutes = Math.round(value / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
  const hours = Math.round(value / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The same for an axis: `50 s`, `3.3 min`, `1.4 h`. */
export function formatSecondsTick(value: number): string {
  const [unit, seconds] = value < 120 ? ['s', 1] : value < 7200 ? ['min', 60] : ['h', 3600];
  return `${Number((value / seconds).toPrecision(2))} ${unit}`;
}

const DAY_SECONDS = 86_400;
const YEAR_SECONDS = 365.25 * DAY_SECONDS;

/** A time that is predicted, no finer than it can be known: `40 s`, `8 min`, `40 min`, `2 h 10 min`, `45 d`, `3,200 years`. */
export function formatEstimate(value: number): string {
  const years = Number((value / YEAR_SECONDS).toPrecision(2));
  if (years >= 2) return `${years < 10 ? years : formatCount(years)} years`;
  if (value >= 10 * DAY_SECONDS) return `${formatCount(value / DAY_SECONDS)} d`;
  const roundedTo = (step: number) => Math.max(step, Math.round(value / step) * step);
  if (value < 55) return formatSeconds(roundedTo(value < 9.5 ? 1 : 5));
  const whole = value < 630 ? roundedTo(60) : roundedTo(value < 3600 ? 300 : 600);
  return whole < 3600 ? `${whole / 60} min` : formatSeconds(whole);
}

/** A number of bytes: `512 B`, `1.2 MB` (powers of 1000). */
export function formatBytes(value: number): string {
  const [scaled, prefix] = prefixed(value, ['', 'k', 'M', 'G', 'T', 'P', 'E'], 2);
  return `${scaled} ${prefix}B`;
}

/** An ISO 8601 time in UTC to the minute: `2026-03-01 11:25 UTC`; text that is none stays as it is. */
export function formatTime(iso: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?Z$/.exec(iso);
  return match === null ? iso : `${match[1]} ${match[2]} UTC`;
}

/** A time of day on the reader's clock, to the minute: `2026-03-01 12:25`; text that is no time stays as it is. */
export function formatLocalTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const date = [time.getFullYear(), padded(time.getMonth() + 1), padded(time.getDate())].join('-');
  return `${date} ${padded(time.getHours())}:${padded(time.getMinutes())}`;
}

/** The zone of the reader's clock at a time, for what is written to a file: `UTC+1`, `UTC-3:30`, `UTC`. */
export function formatZone(time: Date): string {
  const minutes = -time.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : `:${padded(rest)}`}`;
}

/** `1 seed`, `3 seeds`. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function padded(value: number): string {
  return value.toString().padStart(2, '0');
}

/**
 * The value in units of a prefix, rounded to `digits` significant digits or more where its whole part has them. It is
 * rounded before the prefix is chosen, so that 999,999 is 1M and not 1000k.
 */
function prefixed(
  value: number,
  prefixes: readonly string[],
  digits: number,
): readonly [scaled: number, prefix: string] {
  let rank = 0;
  let scaled = value;
  while (rank < prefixes.length - 1 && Number(scaled.toPrecision(3)) >= 1000) {
    scaled /= 1000;
    rank += 1;
  }
  const whole = Math.floor(scaled).toString().length;
  return [Number(scaled.toPrecision(Math.max(digits, whole))), prefixes[rank]];
}
