/**
 * How texts become ids, as plain data that can be sent to a worker thread: by our own encoder, or by the library that
 * knows the tokenizers of others, which is loaded only where it is needed.
 */
import { Encoder, type TokenEncoder } from './encoder.ts';
import type { LibraryDefinition } from './foreign/definition.ts';
import type { MergeRules } from './merges.ts';

export type Encoding =
  | { readonly kind: 'own'; readonly rules: MergeRules }
  | { readonly kind: 'library'; readonly definition: LibraryDefinition };

const NO_TOKENS = { type: 'BPE', vocab: {}, merges: [] };

/**
 * What makes the encoder, once all that it needs is loaded; making one takes up to a second for a large vocabulary.
 * Throws at once what the steps of a file would throw then.
 */
export async function encoderFor(encoding: Encoding): Promise<() => TokenEncoder> {
  if (encoding.kind === 'own') return () => new Encoder(encoding.rules);
  const { LibraryEncoder } = await import('./foreign/library-encoder.ts');
  const { definition } = encoding;
  new LibraryEncoder({ ...definition, json: { ...definition.json, model: NO_TOKENS } });
  return () => new LibraryEncoder(definition);
}
