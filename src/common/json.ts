/** Values that JSON can hold, and their canonical text: object keys sorted, no white space. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Canonical JSON text: equal values give equal text, whatever the order of their keys. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}

/** Plain values by their path, such as `pretraining.batchTokens`; a list is one value. Text stands without quotes. */
export function jsonLeaves(value: Json, path = ''): ReadonlyMap<string, string> {
  if (value === null || typeof value !== 'object' || isArray(value)) {
    return new Map([[path, typeof value === 'string' ? value : JSON.stringify(value)]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [
      ...jsonLeaves(inner, path === '' ? key : `${path}.${key}`),
    ]),
  );
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
