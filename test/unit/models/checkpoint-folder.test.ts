import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { cp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CorruptionError, InputError } from '../../../src/common/errors.ts';
import { type TensorToWrite, writeSafetensors } from '../../../src/formats/safetensors.ts';
import { CheckpointFolder } from '../../../src/models/checkpoint-folder.ts';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import {
  asBfloat16,
  madeWeights,
  shardFolder,
  smallSize,
  writeCheckpointFolder,
} from '../../support/checkpoints.ts';

const root = mkdtempSync(join(tmpdir(), 'checkpoint-'));
const whole = join(root, 'whole');
let tokenizer: Tokenizer;
before(async () => {
  tokenizer = await trainTokenizer(['a text of its own', 'and another one'], { vocabularySize: 270 });
  await writeCheckpointFolder(whole, smallSize, tokenizer, tensors);
});
after(() => rm(root, { recursive: true }));

const weights = madeWeights(smallSize);
const tensors: TensorToWrite[] = [...weights].map(([name, { shape, data }], i) =>
  i % 2 === 0
    ? { name, type: 'F32', shape, data: () => data }
    : { name, type: 'BF16', shape, data: () => asBfloat16(data) },
);
let copies = 0;
/** A copy of the folder, changed. */
async function changed(change: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(root, `copy-${copies++}`);
  await cp(whole, folder, { recursive: true });
  await change(folder);
  return folder;
}

const configured = (change: (configuration: Record<string, unknown>) => void) =>
  changed(async (folder) => {
    const path = join(folder, 'config.json');
    const configuration = JSON.parse(await readFile(path, 'utf8'));
    change(configuration);
    await writeFile(path, JSON.stringify(configuration));
  });

const weighted = (others: readonly TensorToWrite[]) =>
  changed((folder) => writeSafetensors(join(folder, 'model.safetensors'), others));

const sharded = async (change: (folder: string, map: Record<string, string>) => Promise<void>) => {
  const folder = join(root, `sharded-${copies++}`);
  await shardFolder(whole, folder, tensors);
  const path = join(folder, 'model.safetensors.index.json');
  const index = JSON.parse(await readFile(path, 'utf8'));
  await change(folder, index.weight_map);
  await writeFile(path, JSON.stringify(index));
  return folder;
};

async function readAll(folder: string): Promise<Map<string, number[]>> {
  const checkpoint = await CheckpointFolder.open(folder);
  try {
    const all = new Map<string, number[]>();
    for (const { name, values } of checkpoint.weights) all.set(name, [...(await values())]);
    return all;
  } finally {
    await checkpoint.close();
  }
}

const expected = new Map([...weights].map(([name, { data }]) => [name, [...data]]));
const extra = (name: string): TensorToWrite => ({
  name,
  type: 'F32',
  shape: [2],
  data: () => new Float32Array(2),
});

test('the weights of one file and of shards are those that were written, in float32', async () => {
  assert.deepEqual(await readAll(whole), expected);
  assert.deepEqual(await readAll(await sharded(async () => {})), expected);
});

test('shards may be links, as in the cache of the hub', async () => {
  const folder = await changed(async (copy) => {
    await unlink(join(copy, 'model.safetensors'));
    await symlink(join(whole, 'model.safetensors'), join(copy, 'model.safetensors'));
  });
  assert.deepEqual(await readAll(folder), expected);
});

test('a head beside tied embeddings and frequencies that are computed are passed over', async () => {
  const head = weights.get('model.embed_tokens.weight') ?? assert.fail();
  const more = [
    { name: 'lm_head.weight', type: 'F32' as const, shape: head.shape, data: () => head.data },
    extra('model.layers.0.self_attn.rotary_emb.inv_freq'),
  ];
  assert.deepEqual(await readAll(await weighted([...tensors, ...more])), expected);
});

test('the fingerprint is that of the contents: equal for copies, another for one changed bit or name', async () => {
  const fingerprint = async (folder: string) => {
    const checkpoint = await CheckpointFolder.open(folder);
    await checkpoint.close();
    return checkpoint.fingerprint();
  };
  const first = await fingerprint(whole);
  assert.match(first, /^[0-9a-f]{64}$/);
  assert.equal(await fingerprint(await changed(async () => {})), first);
  const bit = await changed(async (folder) => {
    const path = join(folder, 'model.safetensors');
    const data = await readFile(path);
    data[data.length - 1] ^= 1;
    await writeFile(path, data);
  });
  assert.notEqual(await fingerprint(bit), first);
  assert.notEqual(await fingerprint(await configured((c) => (c.rope_theta = 5000))), first);
});

const refused: [string, () => Promise<string>, new (...words: never[]) => Error, RegExp][] = [
  ['a folder of something else', async () => root, InputError, /it has no config\.json/],
  [
    'no weights',
    () => changed((folder) => unlink(join(folder, 'model.safetensors'))),
    InputError,
    /neither model\.safetensors nor/,
  ],
  [
    'no tokenizer',
    () => changed((folder) => unlink(join(folder, 'tokenizer.json'))),
    InputError,
    /no tokenizer at .*tokenizer\.json/,
  ],
  [
    'another architecture',
    () => configured((c) => (c.model_type = 'mamba')),
    InputError,
    /config\.json .*"model_type"/,
  ],
  [
    'a vocabulary smaller than its tokenizer',
    () => configured((c) => (c.vocab_size = tokenizer.vocabularySize - 1)),
    InputError,
    /"vocab_size" of config\.json is (\d+), but tokenizer\.json has (\d+) tokens/,
  ],
  ['a missing weight', () => weighted(tensors.slice(1)), InputError, /have no "model\.embed_tokens\.weight"/],
  [
    'a weight of another shape',
    () => configured((c) => (c.intermediate_size = 13)),
    InputError,
    /"model\.layers\.0\.mlp\.gate_proj\.weight" is \[12, 8\] where .* \[13, 8\]/,
  ],
  [
    'a bias',
    () => weighted([...tensors, extra('model.layers.0.mlp.up_proj.bias')]),
    InputError,
    /up_proj\.bias" is no weight of a Llama model/,
  ],
  [
    'an untied head that is missing',
    () => configured((c) => (c.tie_word_embeddings = false)),
    InputError,
    /have no "lm_head\.weight"/,
  ],
  [
    'integers',
    () => weighted([{ ...tensors[0], type: 'I32' }, ...tensors.slice(1)]),
    InputError,
    /"model\.embed_tokens\.weight" is of type I32, not F32, F16 or BF16/,
  ],
  [
    'a path for a shard',
    () =>
      sharded(
        async (_, map) => void Object.assign(map, { 'model.norm.weight': '../whole/model.safetensors' }),
      ),
    CorruptionError,
    /index\.json is damaged: "weight_map" names "\.\.\/whole\/model\.safetensors", which is no file of the folder/,
  ],
  [
    'a shard that is missing',
    () => sharded((folder) => unlink(join(folder, 'model-00002-of-00002.safetensors'))),
    InputError,
    /no file .*model-00002-of-00002\.safetensors/,
  ],
  [
    'a tensor in another shard',
    () =>
      sharded(async (_, map) => {
        const [first, second] = Object.keys(map)
          .sort((a, b) => map[a].localeCompare(map[b]))
          .filter((_, i, all) => i === 0 || i === all.length - 1);
        Object.assign(map, { [first]: map[second] });
      }),
    CorruptionError,
    /"weight_map" has "[^"]+" in model-00002-of-00002\.safetensors, where it is not/,
  ],
  [
    'a tensor that the index does not have',
    () => sharded(async (_, map) => void delete map['model.norm.weight']),
    CorruptionError,
    /does not have "model\.norm\.weight"/,
  ],
  [
    'an index that names a tensor twice',
    () =>
      changed(async (folder) => {
        await unlink(join(folder, 'model.safetensors'));
        await writeFile(
          join(folder, 'model.safetensors.index.json'),
          '{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}',
        );
      }),
    CorruptionError,
    /is no index with a "weight_map"/,
  ],
];

for (const [what, make, kind, message] of refused) {
  test(`refused with the file and the reason: ${what}`, async () => {
    await assert.rejects(CheckpointFolder.open(await make()), (error) => {
      assert.ok(error instanceof kind, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}
