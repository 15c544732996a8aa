/** A model that expects what a test wants. */

/** More rows than the tokenizer has tokens. */
export const VOCABULARY = 260;

/** After each text the logits that `expected` gives, and the texts that were asked about. */
export function expecting(expected: (ids: readonly number[]) => Float32Array) {
  const asked: number[][] = [];
  const logits = async (ids: readonly number[], kept: number): Promise<Float32Array> => {
    asked.push([...ids]);
    const all = Array.from({ length: kept }, (_, i) => expected(ids.slice(0, ids.length - kept + i + 1)));
    return Float32Array.from(all.flatMap((row) => [...row]));
  };
  return { asked, cached: { logits } };
}

/** Logit 5 for one id, 0 for the others. */
export const favouring = (id: number): Float32Array =>
  Float32Array.from({ length: VOCABULARY }, (_, i) => (i === id ? 5 : 0));
