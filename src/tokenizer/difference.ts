/** Whether two tokenizers are one: models that learn from each other must number every text alike. */
import { canonicalJson, type Json } from '../common/json.ts';
import type { Tokenizer } from './tokenizer.ts';

const MOST_EXAMPLES = 3;

/** In words what the second has otherwise than the first; `undefined` when both give every text the same ids. */
export function tokenizerDifference(first: Tokenizer, second: Tokenizer): string | undefined {
  const size = Math.max(first.vocabularySize, second.vocabularySize);
  const differing: number[] = [];
  for (let id = 0; id < size; id++) if (!sameToken(first, second, id)) differing.push(id);
  if (differing.length > 0) {
    const examples = differing
      .slice(0, MOST_EXAMPLES)
      .map((id) => `${id} is ${written(first, id)} in one and ${written(second, id)} in the other`);
    const more = differing.length > MOST_EXAMPLES ? ', …' : '';
    return `${differing.length} of ${size} tokens differ: ${examples.join(', ')}${more}`;
  }
  for (const bound of ['beginOfText', 'endOfText'] as const) {
    if (first[bound] === second[bound]) continue;
    const of = bound === 'beginOfText' ? 'begins' : 'ends';
    return `a text ${of} with ${written(first, first[bound])} in one and with ${written(second, second[bound])} in the other`;
  }
  const merges =
    first.merges.length === second.merges.length && first.merges.every((id, i) => id === second.merges[i]);
  if (!merges) return 'they have the same tokens but merge them in another order';
  return stepsOf(first) === stepsOf(second)
    ? undefined
    : 'they have the same tokens but cut a text into words otherwise';
}

function sameToken(first: Tokenizer, second: Tokenizer, id: number): boolean {
  if (id >= first.vocabularySize || id >= second.vocabularySize) return false;
  const same = Buffer.compare(first.tokenBytes(id), second.tokenBytes(id)) === 0;
  return same && first.specialToken(id) === second.specialToken(id);
}

function written(tokenizer: Tokenizer, id: number): string {
  if (id >= tokenizer.vocabularySize) return 'missing';
  return JSON.stringify(tokenizer.specialToken(id) ?? Buffer.from(tokenizer.tokenBytes(id)).toString());
}

/** All that decides how a text is cut, besides the tokens. */
function stepsOf({ encoding }: Tokenizer): string {
  if (encoding.kind === 'own') return encoding.kind;
  const { json, prefix } = encoding.definition;
  const { vocab: _, merges: __, ...model } = Object(json.model);
  const steps: Json = { ...json, model, prefix: prefix === undefined ? null : { ...prefix } };
  return canonicalJson(steps);
}
