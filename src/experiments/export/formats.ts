/** What a model can be exported as, and with which weights. */
export const EXPORT_FORMATS = ['hf', 'gguf', 'onnx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const WEIGHT_TYPES = ['f32', 'f16', 'q8_0'] as const;
export type WeightType = (typeof WEIGHT_TYPES)[number];

/** The first is taken when nothing is said. */
export const TYPES_OF_FORMAT = {
  hf: ['f32', 'f16'],
  gguf: ['f32', 'f16', 'q8_0'],
  onnx: ['f32'],
} as const satisfies Record<ExportFormat, readonly WeightType[]>;
