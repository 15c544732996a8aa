/**
 * GGUF, version 3: the one file that llama.cpp reads. The magic, the version, how many tensors and how many keys; the keys
 * with their values; name, sizes, type and place of each tensor; then, each begun at a multiple of 32 bytes, their data.
 * All little-endian. Here are the types of values and of tensors that we write, and no others.
 *
 * Source: https://github.com/ggml-org/ggml, docs/gguf.md.
 */
export const MAGIC = 'GGUF';
export const VERSION = 3;
export const ALIGNMENT = 32;

/** The codes of types of values. */
export const VALUE_CODES = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

export type GgufValue =
  | { readonly type: 'uint32' | 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'int32s'; readonly value: Int32Array }
  | { readonly type: 'float32s'; readonly value: Float32Array };

/** In the order of the file. */
export type GgufMetadata = ReadonlyMap<string, GgufValue>;

/** The code of each type of tensors; its elements come in blocks of so many, each of so many bytes. */
export const TENSOR_TYPES = {
  F32: { code: 0, block: 1, bytes: 4 },
  F16: { code: 1, block: 1, bytes: 2 },
  Q8_0: { code: 8, block: 32, bytes: 34 },
} as const;
export type GgufTensorType = keyof typeof TENSOR_TYPES;

/** Bytes of a tensor without its padding. The last size of its shape must be a multiple of the type's block. */
export function byteLength(type: GgufTensorType, shape: readonly number[]): number {
  const { block, bytes } = TENSOR_TYPES[type];
  return (shape.reduce((product, size) => product * size, 1) / block) * bytes;
}

export const padded = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
