/** Amounts in the labels of stages. */

/** For people: 1234567 is 1.23M, 2048 is 2.05k, with the prefixes of `formatCompact` and one digit more. */
export function formatTokens(count: number): string {
  const format = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
  return format.format(count).replace('K', 'k');
}
