import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { model } from '../../../src/cli/model.ts';
import { InputError, ResourceError } from '../../../src/common/errors.ts';
import { hubServer, llamaFiles } from '../../support/hub-server.ts';
import { fetched, place, refusal, WEIGHTS } from './fetched-model.ts';

test('a model of another layout is refused with the field before any of its weights are asked for', async (t) => {
  for (const [changes, field] of [
    [{ model_type: 'gpt2' }, /config\.json of tiny\/llama .*"model_type"/],
    [{ attention_bias: true }, /"attention_bias"/],
    [{ quantization_config: { bits: 4 } }, /"quantization_config"/],
  ] as const) {
    const hub = await hubServer(t, llamaFiles(WEIGHTS, changes));
    const folder = await place(t);
    assert.match(await refusal(hub, folder, InputError), field);
    assert.deepEqual(
      hub.asked.filter(({ path }) => /safetensors|tokenizer/.test(path)),
      [],
    );
    await assert.rejects(stat(folder), { code: 'ENOENT' });
  }
});

test('what the hub does not give is said in words: no such model, terms, too many requests, a problem of its own', async (t) => {
  const hub = await hubServer(t, llamaFiles(WEIGHTS));
  const folder = await place(t);
  hub.info = { gated: 'manual' };
  assert.match(await refusal(hub, folder, InputError), /only to those who agreed to its terms.*hf download/);
  hub.info = {};
  for (const [status, kind, words] of [
    [401, InputError, /has no model tiny\/llama, or not for everybody/],
    [404, InputError, /has no model tiny\/llama/],
    [403, InputError, /agreed to its terms/],
    [429, ResourceError, /status 429.*too many requests/],
    [503, ResourceError, /status 503.*later/],
  ] as const) {
    hub.instead = (_request, response) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end('{"error": "no"}');
      return true;
    };
    assert.match(await refusal(hub, folder, kind), words);
  }
  hub.instead = (_request, response) => {
    response.end('<html>');
    return true;
  };
  assert.match(await refusal(hub, folder, ResourceError), /could not be fetched/);
  await hub.close();
  assert.match(
    await refusal(hub, folder, ResourceError),
    /could not be fetched .*\((ECONNREFUSED|UND_ERR_SOCKET)\)/,
  );
});

test('a disk that is too full is told before anything is fetched, and one that fills up leaves what can be gone on with', async (t) => {
  const hub = await hubServer(t, llamaFiles(WEIGHTS));
  const folder = await place(t);
  const sha256 = createHash('sha256')
    .update(hub.files.get('model.safetensors') ?? '')
    .digest('hex');
  if (existsSync('/dev/full')) {
    const partial = `model.safetensors.${sha256.slice(0, 16)}.part`;
    await mkdir(`${folder}.part`);
    await symlink('/dev/full', join(`${folder}.part`, partial));
    assert.match(await refusal(hub, folder, ResourceError), /The disk is full: .*model\.safetensors/);
    await rm(join(`${folder}.part`, partial));
  }
  const asked = hub.contentOf('model.safetensors').length;
  hub.instead = ({ url }, response) => {
    if (!url?.includes('/tree/')) return false;
    const entries = [...hub.files.keys()].map((path) => {
      const entry = { type: 'file', path, size: hub.files.get(path)?.length, oid: '0'.repeat(40) };
      if (path === 'model.safetensors')
        return { ...entry, lfs: { oid: sha256, size: 2 ** 52, pointerSize: 1 } };
      const git = createHash('sha1')
        .update(`blob ${entry.size}\0`)
        .update(hub.files.get(path) ?? '');
      return { ...entry, oid: git.digest('hex') };
    });
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(entries));
    return true;
  };
  assert.match(await refusal(hub, folder, ResourceError), /The disk is too full: .* are to be fetched/);
  assert.equal(hub.contentOf('model.safetensors').length, asked);
});

test('a folder that holds something else is not touched, and a name that is a path is refused unasked', async (t) => {
  const hub = await hubServer(t, llamaFiles(WEIGHTS));
  const folder = await place(t);
  await mkdir(folder);
  await writeFile(join(folder, 'mine.txt'), 'mine');
  assert.match(await refusal(hub, folder, InputError), /holds something else/);
  assert.deepEqual(await readdir(folder), ['mine.txt']);
  assert.deepEqual(hub.contentOf('model.safetensors'), []);
  const file = join(folder, 'mine.txt');
  assert.match(await refusal(hub, file, InputError), /mine\.txt is no folder/);
  assert.deepEqual(await readdir(folder), ['mine.txt']);
  assert.deepEqual(hub.contentOf('model.safetensors'), []);
  const before = hub.asked.length;
  for (const id of ['../x', 'a/..', 'a', 'a/b/c', '', 'a/b?c']) {
    await assert.rejects(
      model(id, folder, { hub: hub.url }, async () => true),
      InputError,
    );
  }
  assert.equal(hub.asked.length, before);
});

test('without a stated licence it is said that there is none', async (t) => {
  const hub = await hubServer(t, llamaFiles(1000));
  hub.info = { cardData: { license: 'other', license_name: 'llama3.2' } };
  assert.match(await fetched(hub, await place(t), 1), /Licence: llama3\.2/);
  hub.info = {};
  assert.match(await fetched(hub, await place(t), 1), /Licence: none stated/);
});
