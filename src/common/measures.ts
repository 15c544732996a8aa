/** What the figures mean, one sentence each: for the hover where they first stand, in the editor, panels and report. */
export const PERPLEXITY_EXPLAINED =
  'Perplexity: among how many equally likely tokens the model would have to guess, on average, at each token of the held-out text. Lower is better; only models with the same tokenizer can be compared by it.';

export const BITS_PER_BYTE_EXPLAINED =
  'Bits per byte: how many bits the model needs, on average, for each byte of the held-out text. Lower is better; models with different tokenizers can be compared by it.';
