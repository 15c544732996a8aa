/** `parlance serve` with a model that a run made, asked by OpenAI's own client. */
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { type TestContext, test } from 'node:test';
import OpenAI from 'openai';
import { finishedWorkspace, jsonLines, parlance, start } from './micro.ts';

/** A fine-tuned model's folder. */
async function trainedModel(t: TestContext): Promise<string> {
  const [first] = jsonLines((await parlance('models', await finishedWorkspace(t), '--json')).stdout);
  return String(first.folder);
}

/** The program, served at a free port, and a client that has its token. */
async function serving(t: TestContext, model: string, ...options: string[]) {
  const started = start(['serve', model, '--port', '0', '--json', '--threads', '1', ...options]);
  t.after(() => started.child.kill('SIGKILL'));
  let text = '';
  started.child.stdout?.on('data', (piece: string) => {
    text += piece;
  });
  await started.shows(/\n/);
  const [{ url, token }] = jsonLines(text);
  const client = new OpenAI({ apiKey: String(token), baseURL: String(url), maxRetries: 0 });
  return { ...started, client, name: basename(model), url: String(url) };
}

test('what is served is what complete writes, its log-probabilities are those of eval, and SIGINT ends it well', async (t) => {
  const model = await trainedModel(t);
  const { client, child, ended, name } = await serving(t, model);
  const prompt = 'npm install';
  const asked = { model: name, prompt, max_tokens: 12, seed: 3, temperature: 0.8, echo: true };
  const { choices, usage } = await client.completions.create(asked);
  const written = await parlance(
    'complete',
    prompt,
    ...['--model', model, '--tokens', '12', '--seed', '3', '--temperature', '0.8', '--threads', '1'],
  );
  assert.equal(`${choices[0].text}\n`, written.stdout);
  assert.equal(usage?.completion_tokens, 12);

  const pieces = [];
  for await (const chunk of await client.completions.create({ ...asked, stream: true }))
    pieces.push(chunk.choices[0].text);
  assert.equal(pieces.join(''), choices[0].text);
  assert.ok(pieces.length > 5);

  const scored = await client.completions.create({ ...asked, max_tokens: 0, logprobs: 2 });
  const { token_logprobs = [], tokens = [], text_offset = [] } = scored.choices[0].logprobs ?? {};
  assert.equal(tokens.join(''), prompt);
  assert.equal(text_offset[0], 0);
  const sum = token_logprobs.reduce((total, one) => total + one, 0);
  const bits = -sum / Math.LN2 / Buffer.byteLength(prompt);
  const measured = start(['eval', model, '-', '--json'], {}, prompt);
  const total = jsonLines((await measured.ended).stdout).at(-1);
  assert.ok(
    Math.abs(bits - Number(total?.bitsPerByte)) < 1e-4 * bits,
    `${bits} is not ${total?.bitsPerByte}`,
  );

  child.kill('SIGINT');
  const { code, stderr } = await ended;
  assert.deepEqual([code, stderr], [0, '']);
});

test('a client that leaves a long text ends it: the next one is answered, and the server still ends well', async (t) => {
  const { client, child, ended, name } = await serving(t, await trainedModel(t));
  const stream = await client.completions.create({
    model: name,
    prompt: 'npm',
    max_tokens: 100_000_000,
    temperature: 5,
    stream: true,
  });
  for await (const _ of stream) break;
  const next = await client.completions.create({ model: name, prompt: 'npm', max_tokens: 2 });
  assert.equal(next.usage?.completion_tokens, 2);
  const endless = client.completions.create({ model: name, prompt: 'npm', max_tokens: 100_000_000 });
  const cut = assert.rejects(endless);
  child.kill('SIGINT');
  assert.equal((await ended).code, 0);
  await cut;
});

test('a model that is removed while it is served is told, and served again when it is back', async (t) => {
  const model = await trainedModel(t);
  const { client, name } = await serving(t, model);
  const asked = { model: name, prompt: 'npm', max_tokens: 1 };
  await client.completions.create(asked);
  await rename(model, `${model}-away`);
  await assert.rejects(client.completions.create(asked), { status: 503, code: 'model_unavailable' });
  await rename(`${model}-away`, model);
  await client.completions.create(asked);
});

test('a token is made unless one is given or none is wanted; people are told where and how', async (t) => {
  const model = await trainedModel(t);
  const strangers = await serving(t, model);
  const other = new OpenAI({ apiKey: 'another', baseURL: strangers.url, maxRetries: 0 });
  await assert.rejects(other.models.list(), { status: 401 });
  const own = await serving(t, model, '--token', 'mine', '--host', 'localhost');
  assert.match(own.url, /^http:\/\/localhost:\d+\/v1$/);
  const mine = new OpenAI({ apiKey: 'mine', baseURL: own.url, maxRetries: 0 });
  assert.equal((await mine.models.list()).data[0].id, own.name);
  const open = await serving(t, model, '--no-token');
  assert.equal((await fetch(`${open.url}/models`)).status, 200);
  const told = start(['serve', model, '--port', '0']);
  t.after(() => told.child.kill('SIGKILL'));
  await told.shows(/served at http:\/\/127\.0\.0\.1:\d+\/v1\ntoken: [\w-]{32}\nCtrl-C ends it\.\n/);
});

test('a port that is taken, another host, an odd token and no model are refused', async (t) => {
  const model = await trainedModel(t);
  const { url } = await serving(t, model);
  const refused = async (...options: string[]) => {
    const { code, stderr } = await parlance('serve', model, ...options);
    assert.equal(code, 2);
    return stderr;
  };
  const { port } = new URL(url);
  assert.match(
    await refused('--port', port),
    /another program has it\.\nhint: Add --port with another number/,
  );
  assert.match(await refused('--host', '0.0.0.0', '--port', '0'), /from other machines/);
  assert.match(await refused('--token', 'two words'), /no header can carry/);
  assert.match(await refused('--port', '65536'), /Expected a port/);
  assert.match((await parlance('serve', 'nowhere')).stderr, /There is no whole model in/);
});
