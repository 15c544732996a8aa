/** The readers of files that may come from anywhere, each with valid files to begin from. A new one is a line here. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLabels } from '../../src/corpus/labels/labels.ts';
import { TokenStore } from '../../src/corpus/tokens/token-store.ts';
import { tokenizeCorpus } from '../../src/corpus/tokens/tokenize.ts';
import { writeGgufModel } from '../../src/experiments/export/gguf.ts';
import { keptWeights } from '../../src/experiments/export/kept-weights.ts';
import { openModelSource } from '../../src/experiments/export/model-source.ts';
import { GgufFile } from '../../src/formats/gguf/read.ts';
import { parseLlamaConfiguration } from '../../src/formats/llama.ts';
import { SafetensorsFile, type TensorToWrite } from '../../src/formats/safetensors.ts';
import { CheckpointFolder } from '../../src/models/checkpoint-folder.ts';
import { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../src/tokenizer/train.ts';
import { madeWeights, shardFolder, smallSize, writeCheckpointFolder } from '../support/checkpoints.ts';
import { byteEncoder, byteTokenizer, documentSource, trainDocuments } from '../unit/corpus/made-documents.ts';

export interface Reader {
  /** Makes valid files in a folder and says which of them are mutated. */
  make(folder: string): Promise<readonly string[]>;
  /** Reads all that there is to read. */
  read(folder: string): Promise<void>;
}

const TEXT = "It's 12,345 words\n  and 私 \u0085 ▁ <s> <|endoftext|>\n";

const tensorsOf = (): TensorToWrite[] =>
  [...madeWeights(smallSize)].map(([name, { shape, data }]) => ({
    name,
    type: 'F32',
    shape,
    data: () => data,
  }));

async function makeModel(folder: string): Promise<void> {
  const tokenizer = await trainTokenizer([TEXT, TEXT], { vocabularySize: 262 });
  await writeCheckpointFolder(folder, smallSize, tokenizer, tensorsOf());
}

async function readCheckpoint(folder: string): Promise<void> {
  const checkpoint = await CheckpointFolder.open(folder);
  try {
    for (const { values } of checkpoint.weights) await values();
  } finally {
    await checkpoint.close();
  }
}

async function readTokenizer(folder: string): Promise<void> {
  const tokenizer = await Tokenizer.load(join(folder, 'tokenizer.json'));
  const ids = tokenizer.encode(TEXT.repeat(20));
  tokenizer.decode(ids);
}

/** A tokenizer as SentencePiece's become, with an expression of a published one beside. */
const foreignTokenizer = {
  added_tokens: [
    { id: 0, content: '<s>', special: true },
    { id: 5, content: 'words', special: false },
  ],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      { type: 'NFC' },
    ],
  },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      {
        type: 'Split',
        pattern: { Regex: '\\s*[\\r\\n]+|\\s+(?!\\S)|\\p{N}{1,3}' },
        behavior: 'Isolated',
        invert: false,
      },
      { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true },
      { type: 'Digits', individual_digits: true },
    ],
  },
  post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<s>', type_id: 0 } }] },
  model: {
    type: 'BPE',
    unk_token: '<s>',
    fuse_unk: true,
    byte_fallback: false,
    vocab: { '<s>': 0, '▁': 1, a: 2, n: 3, '▁a': 4 },
    merges: ['▁ a'],
  },
};

export const readers: Readonly<Record<string, Reader>> = {
  safetensors: {
    async make(folder) {
      await makeModel(folder);
      return ['model.safetensors'];
    },
    async read(folder) {
      const file = await SafetensorsFile.open(join(folder, 'model.safetensors'));
      try {
        for (const name of file.tensors.keys()) await file.float32(name);
      } finally {
        await file.close();
      }
    },
  },
  configuration: {
    async make(folder) {
      await makeModel(folder);
      return ['config.json'];
    },
    async read(folder) {
      const path = join(folder, 'config.json');
      parseLlamaConfiguration(await readFile(path, 'utf8'), path);
    },
  },
  checkpoint: {
    async make(folder) {
      const whole = join(folder, 'whole');
      await makeModel(whole);
      await shardFolder(whole, folder, tensorsOf());
      return ['model.safetensors.index.json', 'config.json', 'model-00001-of-00002.safetensors'];
    },
    read: readCheckpoint,
  },
  tokenizer: {
    async make(folder) {
      await makeModel(folder);
      return ['tokenizer.json', 'tokenizer_config.json'];
    },
    read: readTokenizer,
  },
  'foreign-tokenizer': {
    async make(folder) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(foreignTokenizer));
      await writeFile(
        join(folder, 'tokenizer_config.json'),
        '{"eos_token":{"content":"<s>"},"add_bos_token":true}',
      );
      return ['tokenizer.json', 'tokenizer_config.json'];
    },
    read: readTokenizer,
  },
  tokens: {
    async make(folder) {
      const store = await tokenizeCorpus(documentSource(trainDocuments([TEXT, 'a', ''])), byteEncoder(), {
        tokenizer: byteTokenizer,
        directory: folder,
      });
      store.close();
      return ['tokens.json', 'tokens-index.bin'];
    },
    async read(folder) {
      const store = await TokenStore.open(folder);
      try {
        for (let document = 0; document < store.documents; document++) store.tokens(document);
      } finally {
        store.close();
      }
    },
  },
  gguf: {
    async make(folder) {
      const model = join(folder, 'model');
      await makeModel(model);
      const source = await openModelSource(model);
      await writeGgufModel(join(folder, 'model.gguf'), source, {
        kept: keptWeights(source.weights, 'f16'),
        name: 'made',
      });
      await source.close();
      return ['model.gguf'];
    },
    async read(folder) {
      const file = await GgufFile.open(join(folder, 'model.gguf'));
      try {
        for (const name of file.tensors.keys()) await file.float32(name);
      } finally {
        await file.close();
      }
    },
  },
  labels: {
    async make(folder) {
      await mkdir(folder, { recursive: true });
      const labels = [
        { path: 'a/b.txt', label: 'in-domain' },
        { glob: 'src/**', label: 'excluded' },
      ];
      await writeFile(join(folder, 'labels.json'), JSON.stringify({ version: 1, labels }, null, 2));
      return ['labels.json'];
    },
    async read(folder) {
      await readLabels(join(folder, 'labels.json'));
    },
  },
};
