/** Amounts in the labels of stages. */

/** For people: 1234567 is 1.23M. */
export function formatTokens(count: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(count);
}
