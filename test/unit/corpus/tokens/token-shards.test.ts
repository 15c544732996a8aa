import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256 } from '../../../../src/common/hash.ts';
import { ShardReader, ShardWriter, type TokenBytes } from '../../../../src/corpus/tokens/token-shards.ts';
import { temporaryFolder } from '../made-documents.ts';

test('any pieces appended are one stream, wherever files end and whatever range is read', async (t) => {
  const directory = await temporaryFolder(t);
  const pieces = fc.array(fc.array(fc.nat(65535), { maxLength: 30 }), { minLength: 1, maxLength: 10 });
  const widths = fc.constantFrom<TokenBytes>(2, 4);
  await fc.assert(
    fc.asyncProperty(pieces, widths, fc.integer({ min: 1, max: 17 }), async (made, width, shardTokens) => {
      const writer = new ShardWriter(directory, width, shardTokens);
      for (const piece of made) await writer.append(piece);
      const shards = await writer.finish();
      const stream = made.flat();
      assert.equal(writer.tokens, stream.length);
      assert.equal(shards.length, Math.ceil(stream.length / shardTokens));
      for (const shard of shards) {
        const data = await readFile(join(directory, shard.file));
        assert.deepEqual([shard.bytes, shard.sha256], [data.length, sha256(data)]);
      }
      const paths = shards.map(({ file }) => join(directory, file));
      const reader = new ShardReader(paths, width, shardTokens);
      for (let from = 0; from < stream.length; from += 7) {
        const target = new Int32Array(stream.length - from);
        reader.read(from, target.length, target, 0);
        assert.deepEqual([...target], stream.slice(from));
      }
      reader.close();
    }),
    { numRuns: 40 },
  );
});

test('tokens are little-endian on disk', async (t) => {
  const directory = await temporaryFolder(t);
  const writer = new ShardWriter(directory, 2, 100);
  await writer.append([0x0102, 0xfffe]);
  const [shard] = await writer.finish();
  assert.equal((await readFile(join(directory, shard.file))).toString('hex'), '0201feff');
});
