/** Who may ask, and what is refused in OpenAI's own words. */
import assert from 'node:assert/strict';
import { once } from 'node:events';

import { request } from 'node:http';
import { createServer } from 'node:net';
import { test } from 'node:test';
import OpenAI from 'openai';
import type { FilesOnDisk } from '../../../src/inference/files-on-disk.ts';
import { MOST_BODY_BYTES, serveModel } from '../../../src/server/server.ts';
import { fakeLanguageModel } from '../../support/fake-language-model.ts';
import { type Served, serve, TOKEN } from './served.ts';

const plain = { model: 'fake', prompt: 'once', max_tokens: 2 };

/** With headers of one's own: fetch sets Host itself. */
async function statusUnder(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const asked = request(`${url}/models`, { headers: { authorization: `Bearer ${TOKEN}`, ...headers } });
  asked.end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}

async function refusal(asking: Promise<unknown>) {
  const error = await asking.then(
    () => assert.fail('it was answered'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof OpenAI.APIError, String(error));
  return error;
}

const sent = async (ask: Served['ask'], body: string) => {
  const response = await ask('/completions', { method: 'POST', body });
  return { status: response.status, ...(await response.json()).error };
};

test('the model is listed, and found by its name', async (t) => {
  const { client } = await serve(t);
  const ids = [];
  for await (const { id, object } of client.models.list()) ids.push([id, object]);
  assert.deepEqual(ids, [['fake', 'model']]);
  assert.equal((await client.models.retrieve('fake')).owned_by, 'parlance');
  assert.equal((await refusal(client.models.retrieve('other'))).status, 404);
  const other = await refusal(client.completions.create({ ...plain, model: 'other' }));
  assert.deepEqual([other.status, other.code, other.param], [404, 'model_not_found', 'model']);
});

test('a model is found by its name however a client writes the signs in it', async (t) => {
  const { ask } = await serve(t, { name: 'a+b, c' });
  for (const written of ['a+b,%20c', 'a%2Bb%2C%20c', '%61%2bb,%20c']) {
    const response = await ask(`/models/${written}`);
    assert.deepEqual([response.status, (await response.json()).id], [200, 'a+b, c'], written);
  }
  for (const other of ['a+b', '%', '%E0%A4']) assert.equal((await ask(`/models/${other}`)).status, 404);
});

test('without the token, or with another, nothing is told', async (t) => {
  const { server, model } = await serve(t);
  for (const apiKey of ['a-tokem', 'a-toke', 'a-token2', ' ']) {
    const stranger = new OpenAI({ apiKey, baseURL: server.url, maxRetries: 0 });
    const error = await refusal(stranger.completions.create(plain));
    assert.ok(error instanceof OpenAI.AuthenticationError);
    assert.equal(error.code, 'invalid_api_key');
    assert.equal((await refusal(stranger.models.list())).status, 401);
  }
  assert.equal((await fetch(`${server.url}/models`)).status, 401);
  assert.equal(model.asked.length, 0);
});

test('without a token of the server, every program of this machine may ask', async (t) => {
  const folder = '/nowhere';
  const open = await serveModel(
    { model: fakeLanguageModel({ folder }), name: 'open' },
    { host: 'localhost', port: 0 },
    undefined,
  );
  t.after(() => open.close());
  assert.equal((await fetch(`${open.url}/models`)).status, 200);
});

test('a name that is not this machine, as DNS rebinding has it, and pages in a browser are refused', async (t) => {
  const { server } = await serve(t);
  for (const host of ['localhost', 'LOCALHOST:99', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080'])
    assert.equal(await statusUnder(server.url, { host }), 200, host);
  for (const host of ['evil.example', 'localhost.evil.example:80', '127.0.0.1.evil.example', '10.0.0.1'])
    assert.equal(await statusUnder(server.url, { host }), 403, host);
  assert.equal(await statusUnder(server.url, { origin: 'https://evil.example' }), 403);
  assert.equal(await statusUnder(server.url, { origin: 'null' }), 403);
});

test('only loopback addresses are listened on', async () => {
  const model = fakeLanguageModel({ folder: '/nowhere' });
  for (const host of ['0.0.0.0', '::', '192.168.1.2', 'example.com', '127.evil.example'])
    await assert.rejects(serveModel({ model, name: 'm' }, { host, port: 0 }, undefined), /other machines/);
});

test('a port that is taken is told, with what to do', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const address = other.address();
  assert.ok(typeof address === 'object' && address !== null);
  const model = fakeLanguageModel({ folder: '/nowhere' });
  await assert.rejects(
    serveModel({ model, name: 'm' }, { host: '127.0.0.1', port: address.port }, undefined),
    { name: 'InputError', message: /another program has it/, hint: /--port/ },
  );
});

test('a request that cannot be taken is refused with the field that is the reason', async (t) => {
  const { ask, model, client } = await serve(t);
  const bad: readonly (readonly [object, string])[] = [
    [{ temperature: -1 }, 'temperature'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ top_p: 0 }, 'top_p'],
    [{ top_k: 1.5 }, 'top_k'],
    [{ repetition_penalty: 0 }, 'repetition_penalty'],
    [{ repetition_penalty: 1e-60 }, 'repetition_penalty'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop'],
    [{ stop: '' }, 'stop'],
    [{ seed: 1.5 }, 'seed'],
    [{ logprobs: true }, 'logprobs'],
    [{ logprobs: 6 }, 'logprobs'],
    [{ n: 2 }, 'n'],
    [{ best_of: 2 }, 'best_of'],
    [{ presence_penalty: 1 }, 'presence_penalty'],
    [{ logit_bias: { 50256: -100 } }, 'logit_bias.50256'],
    [{ suffix: 'end' }, 'suffix'],
    [{ prompt: ['a', 'b'] }, 'prompt'],
    [{ prompt: [1, 2] }, 'prompt'],
    [{ prompt: undefined }, 'prompt'],
    [{ wishes: 3 }, 'wishes'],
  ];
  for (const [change, field] of bad) {
    const { status, type, param, message } = await sent(ask, JSON.stringify({ ...plain, ...change }));
    assert.deepEqual([status, type], [400, 'invalid_request_error'], field);
    assert.equal(param, field);
    assert.match(message, /"/);
  }
  for (const body of ['', '{', '[]', 'null', '"once"', '['.repeat(100_000)])
    assert.equal((await sent(ask, body)).status, 400, body.slice(0, 9));
  assert.equal(model.asked.length, 0);
  const error = await refusal(client.completions.create({ ...plain, n: 2 }));
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.equal(error.param, 'n');
});

test('a body that is too long is refused, whether its length is told beforehand or not', async (t) => {
  const { client, ask, model } = await serve(t);
  const prompt = 'x'.repeat(MOST_BODY_BYTES);
  const error = await refusal(client.completions.create({ ...plain, prompt }));
  assert.deepEqual([error.status, error.code], [413, 'body_too_long']);
  const pieces = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 11; i++) controller.enqueue(Buffer.alloc(MOST_BODY_BYTES / 10, 'x'));
      controller.close();
    },
  });
  const streaming = { method: 'POST', body: pieces, duplex: 'half' } as const;
  assert.equal((await ask('/completions', streaming)).status, 413);
  assert.equal(model.asked.length, 0);
  assert.equal((await client.completions.create(plain)).usage?.completion_tokens, 2, 'it goes on');
});

test('other places and other verbs are refused', async (t) => {
  const { ask } = await serve(t);
  assert.equal((await ask('/chat/completions', { method: 'POST', body: '{}' })).status, 404);
  const wrong = await ask('/completions');
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'POST']);
  assert.equal(
    (await ask('/models', { method: 'OPTIONS' })).headers.get('access-control-allow-origin'),
    null,
  );
});

test('a model that was removed or replaced meanwhile, or fails, is an error of the request and not of the server', async (t) => {
  let failure: Error | undefined = new Error('the weights are gone');
  let files: FilesOnDisk = 'same';
  const { client } = await serve(t, {
    onToken: (token) => {
      if (token === 1 && failure !== undefined) throw failure;
    },
    onDisk: () => files,
  });
  const failed = await refusal(client.completions.create(plain));
  assert.equal(failed.status, 500);
  assert.match(failed.message, /the weights are gone/);
  const stream = await client.completions.create({ ...plain, stream: true });
  await assert.rejects(async () => {
    for await (const _ of stream);
  }, /the weights are gone/);
  failure = undefined;
  assert.equal((await client.completions.create(plain)).usage?.completion_tokens, 2);
  const told = { gone: /no longer in/, replaced: /was replaced.* Start parlance serve again/ };
  for (const state of ['gone', 'replaced'] as const) {
    files = state;
    const refused = await refusal(client.completions.create(plain));
    assert.deepEqual([refused.status, refused.code], [503, 'model_unavailable']);
    assert.match(refused.message, told[state]);
  }
});
