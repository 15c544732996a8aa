/**
 * What turns windows of text into vectors whose distances mean likeness of topic. The rest of the selection knows
 * no more of an embedding than this, so that a built-in one and a neural one take each other's place.
 */
export interface WindowEmbedding {
  readonly dimensions: number;
  /** Floating-point operations of its products so far, fitting included; element-wise work is not counted. */
  readonly flops: number;
  /** [texts, dimensions], row by row: each row of length 1, or all zeros where a text holds nothing known. */
  embed(texts: readonly string[]): Promise<Float32Array>;
  /** Frees what it holds besides memory of the heap; it embeds nothing afterwards. */
  close(): Promise<void>;
}
