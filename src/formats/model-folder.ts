/** The files of a model's folder, as Hugging Face has it, and what exports have beside or in place of them. */
export const CONFIGURATION_FILE = 'config.json';
export const WEIGHTS_FILE = 'model.safetensors';
/** In the place of one file: which of several holds each tensor. */
export const WEIGHTS_INDEX_FILE = 'model.safetensors.index.json';
export const TOKENIZER_FILE = 'tokenizer.json';
export const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json';
/** In exports: where a generation begins and ends. */
export const GENERATION_FILE = 'generation_config.json';

/** All that other programs need to run the model. */
export const MODEL_FOLDER_FILES: readonly string[] = [
  CONFIGURATION_FILE,
  WEIGHTS_FILE,
  TOKENIZER_FILE,
  TOKENIZER_CONFIG_FILE,
];

/** A model's card. */
export const CARD_FILE = 'README.md';
/** The one file of weights in GGUF. */
export const GGUF_FILE = 'model.gguf';
/** Where transformers.js looks for graphs. */
export const ONNX_FOLDER = 'onnx';

/** The entries of exported folders, of whatever format. */
export const EXPORTED_ENTRIES: readonly string[] = [
  ...MODEL_FOLDER_FILES,
  GENERATION_FILE,
  CARD_FILE,
  GGUF_FILE,
  ONNX_FOLDER,
];
