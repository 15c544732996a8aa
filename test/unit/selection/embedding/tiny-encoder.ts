/** A sentence encoder of a few numbers in the files of a real one: hidden state = tanh(table[token] W). */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../../../../src/common/random.ts';
import { encodeModel } from '../../../../src/engines/onnxruntime/onnx.ts';

export const DIMENSIONS = 4;
const MAXIMUM_TOKENS = 8;
const VOCABULARY = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'the', 'soup', 'sail', 'wind', 'boil'];
const PAD = 0;

const random = Random.fromSeed(1, 'tiny encoder');
const table = Float32Array.from({ length: VOCABULARY.length * DIMENSIONS }, () => random.normal());
const projection = Float32Array.from({ length: DIMENSIONS * DIMENSIONS }, () => random.normal());
// Were padding pooled too, it would show.
table.fill(5, PAD * DIMENSIONS, (PAD + 1) * DIMENSIONS);

/** What the encoder must give for a text of lower-case words: worked out word by word. */
export function expectedVector(text: string): number[] {
  // The package cuts after the closing token was added.
  const tokens = ['[CLS]', ...text.split(' '), '[SEP]'].slice(0, MAXIMUM_TOKENS);
  const ids = tokens.map((token) => Math.max(1, VOCABULARY.indexOf(token)));
  const mean = Array.from({ length: DIMENSIONS }, (_, column) => {
    const hidden = ids.map((id) => {
      let sum = 0;
      for (let k = 0; k < DIMENSIONS; k++) {
        sum += table[id * DIMENSIONS + k] * projection[k * DIMENSIONS + column];
      }
      return Math.tanh(sum);
    });
    return hidden.reduce((a, b) => a + b) / ids.length;
  });
  const length = Math.hypot(...mean);
  return mean.map((value) => value / length);
}

/** Writes config.json, tokenizer.json, tokenizer_config.json and onnx/model.onnx; of the configurations some fields may differ. */
export async function writeTinyEncoder(
  folder: string,
  ofTokenizer: Readonly<Record<string, unknown>> = {},
  ofModel: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const vocab = Object.fromEntries(VOCABULARY.map((word, id) => [word, id]));
  const special = VOCABULARY.slice(0, 4);
  const files = {
    'config.json': {
      model_type: 'bert',
      architectures: ['BertModel'],
      hidden_size: DIMENSIONS,
      ...ofModel,
    },
    'tokenizer_config.json': {
      tokenizer_class: 'BertTokenizer',
      model_max_length: MAXIMUM_TOKENS,
      pad_token: '[PAD]',
      ...ofTokenizer,
    },
    'tokenizer.json': {
      version: '1.0',
      added_tokens: special.map((content, id) => ({ id, content, special: true })),
      normalizer: { type: 'BertNormalizer', clean_text: true, lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: {
        type: 'TemplateProcessing',
        single: [
          { SpecialToken: { id: '[CLS]', type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
          { SpecialToken: { id: '[SEP]', type_id: 0 } },
        ],
        pair: [],
        special_tokens: Object.fromEntries(
          special.map((token, id) => [token, { id: token, ids: [id], tokens: [token] }]),
        ),
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab },
    },
  };
  for (const [name, value] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(value));
  }
  await writeFile(join(folder, 'onnx', 'model.onnx'), model());
}

function model(): Uint8Array {
  return encodeModel({
    name: 'tiny encoder',
    nodes: [
      { type: 'Gather', inputs: ['table', 'input_ids'], outputs: ['rows'] },
      { type: 'MatMul', inputs: ['rows', 'projection'], outputs: ['sums'] },
      { type: 'Tanh', inputs: ['sums'], outputs: ['last_hidden_state'] },
    ],
    constants: [
      { name: 'table', shape: [VOCABULARY.length, DIMENSIONS], data: table },
      { name: 'projection', shape: [DIMENSIONS, DIMENSIONS], data: projection },
    ],
    // -1 is any length.
    inputs: [{ name: 'input_ids', shape: [-1, -1], dtype: 'int64' }],
    outputs: [{ name: 'last_hidden_state', shape: [-1, -1, DIMENSIONS], dtype: 'float32' }],
  });
}
