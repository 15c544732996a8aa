/** Fields of a record of a JSONL or Parquet file: the one that holds the text, and what there is when none does. */

/**
 * The value of a field; `undefined` when there is none. A name with dots that is no field's own means a field within a
 * field: `meta.text`.
 */
export function fieldValue(record: unknown, field: string): unknown {
  const own = ownValue(record, field);
  if (own !== undefined || !field.includes('.')) return own;
  return field.split('.').reduce(ownValue, record);
}

function ownValue(record: unknown, field: string): unknown {
  return isObject(record) ? Object.getOwnPropertyDescriptor(record, field)?.value : undefined;
}

/** One field in words: its name, with dots for fields within fields, and what it holds. */
export interface FieldKind {
  readonly name: string;
  readonly kind: string;
}

/** The fields of a record, those within objects by their path, at most two levels down. */
export function fieldsOf(record: unknown, prefix = '', depth = 0): readonly FieldKind[] {
  if (!isObject(record)) return [];
  return Object.entries(record).flatMap(([key, value]): readonly FieldKind[] => {
    const name = prefix + key;
    if (isObject(value) && !Array.isArray(value) && depth < 2) return fieldsOf(value, `${name}.`, depth + 1);
    return [{ name, kind: kindOf(value) }];
  });
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'text';
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : isObject(value) ? 'an object' : `a ${typeof value}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
