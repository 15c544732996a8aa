import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CorruptionError, InputError, ResourceError } from '../../../src/common/errors.ts';
import { HUB_MODEL, type HubServer, hubServer, llamaFiles, resolvePath } from '../../support/hub-server.ts';
import { assertFetched, fetched, place, refusal, WANTED, WEIGHTS } from './fetched-model.ts';

/** Sends only the first bytes of the weights, and then breaks off, when they are asked for from the start. */
function breakOff(hub: HubServer, bytes: number): void {
  hub.instead = ({ url, headers }, response) => {
    if (url !== resolvePath('model.safetensors') || headers.range !== undefined) return false;
    const content = hub.files.get('model.safetensors') ?? Buffer.alloc(0);
    response.writeHead(200, { 'Content-Length': content.length });
    response.write(content.subarray(0, bytes), () => setImmediate(() => response.destroy()));
    return true;
  };
}

test('before the first yes nothing is asked; before the second only what tells of the model; then its files come whole', async (t) => {
  const hub = await hubServer(t, llamaFiles(WEIGHTS));
  const folder = await place(t);
  const first = await fetched(hub, folder, 0);
  assert.deepEqual(hub.asked, []);
  assert.ok(first.includes(hub.url) && first.includes(HUB_MODEL));

  const second = await fetched(hub, folder, 1);
  for (const name of WANTED.slice(1)) assert.deepEqual(hub.contentOf(name), [], name);
  await assert.rejects(stat(folder), { code: 'ENOENT' });
  assert.match(second, /^tiny\/llama\nLicence: apache-2\.0, as its card states\n5 files, 300 kB:$/m);
  assert.match(second, /300 kB {2}model\.safetensors$/m);
  assert.ok(second.endsWith(`Download 300 kB to ${folder}?\n`), second);

  const third = await fetched(hub, folder);
  await assertFetched(hub, folder);
  assert.ok(third.includes(`"models": { "small": { "from": ${JSON.stringify(folder)} } }`), third);
  assert.deepEqual(hub.contentOf('pytorch_model.bin'), []);

  const before = hub.contentOf('model.safetensors').length;
  await fetched(hub, folder);
  assert.equal(hub.contentOf('model.safetensors').length, before, 'what is there is not fetched again');
});

test('a transfer that broke off goes on with the byte where it stopped', async (t) => {
  const hub = await hubServer(t, llamaFiles(WEIGHTS));
  const folder = await place(t);
  breakOff(hub, 100_000);
  assert.match(await refusal(hub, folder, ResourceError), /goes on where it stopped/);
  await assert.rejects(stat(folder), { code: 'ENOENT' });
  const [partial] = (await readdir(`${folder}.part`)).filter((name) => name.startsWith('model.safetensors'));
  const { size } = await stat(join(`${folder}.part`, partial));
  assert.ok(size > 0 && size <= 100_000, `${size}`);
  hub.instead = undefined;
  await fetched(hub, folder);
  await assertFetched(hub, folder);
  assert.equal(hub.contentOf('model.safetensors').at(-1)?.range, `bytes=${size}-`);
});

test('a hub that gives no parts is read from the start again', async (t) => {
  const hub = await hubServer(t, llamaFiles(WEIGHTS));
  const folder = await place(t);
  breakOff(hub, 100_000);
  await refusal(hub, folder, ResourceError);
  hub.instead = ({ url, headers }, response) => {
    if (url !== resolvePath('model.safetensors') || headers.range === 'bytes=0-0') return false;
    response.writeHead(200).end(hub.files.get('model.safetensors'));
    return true;
  };
  await fetched(hub, folder);
  await assertFetched(hub, folder);
});

test('a file with another hash is not kept, not even to be gone on with, nor one that is too long or too short', async (t) => {
  const hub = await hubServer(t, llamaFiles(WEIGHTS));
  const folder = await place(t);
  const content = hub.files.get('model.safetensors') ?? Buffer.alloc(0);
  const altered = Buffer.from(content);
  altered[1000] ^= 1;
  for (const [sent, kind] of [
    [altered, CorruptionError],
    [Buffer.concat([content, altered]), CorruptionError],
    [content.subarray(0, 1000), ResourceError],
  ] as const) {
    hub.instead = ({ url, headers }, response) => {
      if (url !== resolvePath('model.safetensors') || headers.range === 'bytes=0-0') return false;
      response.writeHead(200).end(sent);
      return true;
    };
    assert.match(await refusal(hub, folder, kind), /model\.safetensors/);
    await assert.rejects(stat(folder), { code: 'ENOENT' });
    const parts = (await readdir(`${folder}.part`)).filter((name) => name.startsWith('model.safetensors'));
    assert.equal(parts.length, kind === CorruptionError ? 0 : 1);
  }
  hub.instead = undefined;
  await fetched(hub, folder);
  await assertFetched(hub, folder);
});

test('small files are checked by the hash that Git keeps', async (t) => {
  const hub = await hubServer(t, llamaFiles(WEIGHTS));
  const folder = await place(t);
  for (const name of ['config.json', 'tokenizer.json']) {
    hub.instead = ({ url, headers }, response) => {
      if (url !== resolvePath(name) || headers.range === 'bytes=0-0') return false;
      const altered = Buffer.from(hub.files.get(name) ?? '');
      altered[altered.length - 1] ^= 1;
      response.writeHead(200).end(altered);
      return true;
    };
    assert.match(await refusal(hub, folder, CorruptionError), new RegExp(`${name} of tiny/llama`));
  }
});

test('shards come by their index, and an index that names anything but files of weights is refused', async (t) => {
  const { 'model.safetensors': weights, ...others } = llamaFiles(WEIGHTS);
  const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const index = (shards: readonly string[]): string =>
    JSON.stringify({ weight_map: Object.fromEntries(shards.map((name, i) => [`tensor${i}`, name])) });
  const shards = Object.fromEntries(
    names.map((name, i) => [name, Buffer.concat([Buffer.from([i]), Buffer.from(weights)])]),
  );
  const hub = await hubServer(t, { ...others, ...shards, 'model.safetensors.index.json': index(names) });
  const folder = await place(t);
  await fetched(hub, folder);
  for (const name of names) assert.deepEqual(await readFile(join(folder, name)), hub.files.get(name));

  for (const hostile of ['../../evil.safetensors', 'README.md', '/etc/x.safetensors', 'absent.safetensors']) {
    const other = await hubServer(t, {
      ...others,
      ...shards,
      'model.safetensors.index.json': index([hostile]),
    });
    const target = await place(t);
    await refusal(other, target, InputError);
    await assert.rejects(stat(target), { code: 'ENOENT' });
  }
});
