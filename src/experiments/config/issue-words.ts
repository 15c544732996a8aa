/** What a schema has against a value, in plain words: a phrase that follows the name of the value. */
import type { z } from 'zod';

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'an object in braces',
  string: 'a text in quotation marks',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

export function issueInWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return issue.inclusive === false
        ? `must be less than ${issue.maximum}`
        : `must be ${issue.maximum} at most`;
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${orList(issue.values.map((value) => JSON.stringify(value)))}`;
    case 'invalid_union':
      return oneOf(issue.errors.flatMap(([first]) => (first === undefined ? [] : [issueInWords(first)])));
    default:
      return issue.message;
  }
}

function tooSmall({ origin, minimum, inclusive }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'string') return 'must not be empty';
  if (origin === 'array')
    return `must hold ${minimum} ${Number(minimum) === 1 ? 'value' : 'values'} at least`;
  return inclusive === false ? `must be more than ${minimum}` : `must be ${minimum} at least`;
}

/** `"a" or "b"`, `one of "a", "b", "c"`. */
function orList(values: readonly string[]): string {
  return values.length > 2 ? `one of ${values.join(', ')}` : values.join(' or ');
}

/** `must be a whole number or "all"`. */
function oneOf(phrases: readonly string[]): string {
  const [first = 'is not allowed', ...more] = new Set(phrases);
  return [first, ...more.map((phrase) => phrase.replace(/^must be /, ''))].join(' or ');
}
