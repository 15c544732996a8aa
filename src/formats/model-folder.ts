/** The files of a model's folder, as Hugging Face has it. */
export const CONFIGURATION_FILE = 'config.json';
export const WEIGHTS_FILE = 'model.safetensors';
/** Of weights in several files: which tensor lies in which. */
export const WEIGHTS_INDEX_FILE = `${WEIGHTS_FILE}.index.json`;
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
