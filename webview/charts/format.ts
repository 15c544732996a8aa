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

/** Bits per byte with 4 decimals. */
export function formatBits(value: number): string {
  return value.toFixed(4);
}

/** A number of tokens or parameters with a prefix: `512`, `1.2k`, `1.2M`, `3.4B`. */
export function formatCompact(value: number): string {
  return withPrefix(value, ['', 'k', 'M', 'B', 'T'], 2);
}

/** Floating-point operations with a prefix: `3.40 TFLOP`. */
export function formatFlops(value: number): string {
  const prefixed = withPrefix(value, ['', ' k', ' M', ' G', ' T', ' P', ' E', ' Z'], 3);
  return /[A-Za-z]$/.test(prefixed) ? `${prefixed}FLOP` : `${prefixed} FLOP`;
}

/** A time with its two leading units: `0.42 s`, `2 min 10 s`, `1 h 05 min`, `3 d 4 h`. */
export function formatSeconds(value: number): string {
  if (value === 0) return '0 s';
  if (value < 9.95) return `${Number(value.toPrecision(2))} s`;
  const whole = Math.round(value);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`;
  const minutes = Math.round(value / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${padded(minutes % 60)} min`;
  const hours = Math.round(value / 3600);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A number of bytes: `512 B`, `1.2 MB` (powers of 1000). */
export function formatBytes(value: number): string {
  const prefixed = withPrefix(value, ['', ' k', ' M', ' G', ' T'], 2);
  return /[A-Za-z]$/.test(prefixed) ? `${prefixed}B` : `${prefixed} B`;
}

/** `1 seed`, `3 seeds`. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function padded(value: number): string {
  return value.toString().padStart(2, '0');
}

/**
 * Three digits at most stand before the prefix; `digits` significant ones stand in all, more where the whole part
 * has them. The value is rounded before its prefix is chosen, so that 999,999 is 1M and not 1000k.
 */
function withPrefix(value: number, prefixes: readonly string[], digits: number): string {
  let rank = 0;
  let scaled = value;
  while (rank < prefixes.length - 1 && Number(scaled.toPrecision(Math.max(digits, 3))) >= 1000) {
    scaled /= 1000;
    rank += 1;
  }
  if (rank === 0 && Number.isInteger(value)) return `${value}`;
  const whole = Math.floor(scaled).toString().length;
  const rounded = Number(scaled.toPrecision(Math.max(digits, whole)));
  return `${rounded}${prefixes[rank] ?? ''}`;
}
