/** Completions as OpenAI's own client asks for them and reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logProbabilityOf } from '../../support/fake-language-model.ts';
import { serve } from './served.ts';

const plain = { model: 'fake', prompt: 'once', max_tokens: 6, seed: 3 };

test('a text is continued, with its usage; equal seeds give equal texts, others another', async (t) => {
  const { client, model } = await serve(t);
  const { choices, usage, object, ...head } = await client.completions.create(plain);
  assert.equal(object, 'text_completion');
  assert.match(head.id, /^cmpl-/);
  assert.equal(head.model, 'fake');
  const [{ text, finish_reason, index, logprobs }] = choices;
  assert.match(text, /^[a-h]{6}$/);
  assert.deepEqual([finish_reason, index, logprobs], ['length', 0, null]);
  assert.deepEqual([usage?.prompt_tokens, usage?.completion_tokens, usage?.total_tokens], [4, 6, 10]);
  const again = async (seed: number) => (await client.completions.create({ ...plain, seed })).choices[0].text;
  assert.equal(await again(3), text);
  assert.notEqual(await again(4), text);
  assert.equal(model.asked.length, 3);
});

test('what is not said is as OpenAI has it, and a request without a seed draws one', async (t) => {
  const { client, model } = await serve(t);
  await client.completions.create({ model: 'fake', prompt: ['once'] });
  await client.completions.create({ model: 'fake', prompt: 'once' });
  const [{ seed, ...first }, second] = model.asked;
  assert.deepEqual(
    {
      prompt: first.prompt,
      mostTokens: first.mostTokens,
      temperature: first.temperature,
      topP: first.topP,
      topK: first.topK,
      repetitionPenalty: first.repetitionPenalty,
      stop: first.stop,
      alternatives: first.alternatives,
    },
    {
      prompt: 'once',
      mostTokens: 16,
      temperature: 1,
      topP: 1,
      topK: 0,
      repetitionPenalty: 1,
      stop: [],
      alternatives: 0,
    },
  );
  assert.notEqual(seed, second.seed);
});

test('sampling reaches the model as it was asked for, top_k and repetition_penalty too', async (t) => {
  const { ask, model } = await serve(t);
  const body = { ...plain, temperature: 0.5, top_p: 0.9, top_k: 40, repetition_penalty: 1.2 };
  const response = await ask('/completions', { method: 'POST', body: JSON.stringify(body) });
  assert.equal(response.status, 200);
  const [{ temperature, topP, topK, repetitionPenalty, seed }] = model.asked;
  assert.deepEqual([temperature, topP, topK, repetitionPenalty, seed], [0.5, 0.9, 40, 1.2, 3]);
  await ask('/completions', { method: 'POST', body: JSON.stringify({ ...plain, top_k: -1 }) });
  assert.equal(model.asked[1].topK, 0, 'all tokens, as vLLM has it');
});

test('a stream has the same text in pieces, then why it ended, then what was used', async (t) => {
  const { client } = await serve(t);
  const whole = (await client.completions.create(plain)).choices[0].text;
  const stream = await client.completions.create({
    ...plain,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  assert.deepEqual(
    choices.map(({ text }) => text),
    [...whole, ''],
  );
  assert.deepEqual(
    choices.map(({ finish_reason }) => finish_reason),
    [...[...whole].map(() => null), 'length'],
  );
  assert.deepEqual(chunks.at(-1)?.choices, []);
  assert.equal(chunks.at(-1)?.usage?.completion_tokens, 6);
  assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
});

test('a stream is events that end with [DONE]', async (t) => {
  const { ask } = await serve(t);
  const body = JSON.stringify({ ...plain, max_tokens: 1, stream: true });
  const response = await ask('/completions', { method: 'POST', body });
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  const events = (await response.text()).split('\n\n');
  assert.deepEqual(
    events.map((event) => event.slice(0, 7)),
    ['data: {', 'data: {', 'data: [', ''],
  );
  assert.equal(events.at(-2), 'data: [DONE]');
});

test('each token is told with its log-probability and the likeliest ones, at its place in the text', async (t) => {
  const { client } = await serve(t, { writes: 'xyz' });
  const asked = { ...plain, logprobs: 2 };
  const [choice] = (await client.completions.create(asked)).choices;
  assert.equal(choice.finish_reason, 'stop', 'the model ended the text');
  assert.deepEqual(choice.logprobs, {
    tokens: ['x', 'y', 'z'],
    token_logprobs: ['x', 'y', 'z'].map(logProbabilityOf),
    top_logprobs: ['x', 'y', 'z'].map((own) =>
      Object.fromEntries(['a', 'b', own].map((letter) => [letter, logProbabilityOf(letter)])),
    ),
    text_offset: [0, 1, 2],
  });
  const streamed = [];
  for await (const { choices } of await client.completions.create({ ...asked, stream: true }))
    streamed.push(...(choices[0].logprobs?.tokens ?? []));
  assert.deepEqual(streamed, ['x', 'y', 'z']);
});

test('the prompt is echoed, with log-probabilities of its own; without new tokens it is only scored', async (t) => {
  const { client, model } = await serve(t, { writes: 'xyz' });
  const asked = { ...plain, prompt: 'ab', echo: true, logprobs: 1 };
  const [choice] = (await client.completions.create(asked)).choices;
  assert.equal(choice.text, 'abxyz');
  assert.deepEqual(choice.logprobs?.tokens, ['a', 'b', 'x', 'y', 'z']);
  assert.deepEqual(choice.logprobs?.text_offset, [0, 1, 2, 3, 4]);
  assert.deepEqual(choice.logprobs?.token_logprobs, [...'abxyz'].map(logProbabilityOf));
  const scored = await client.completions.create({ ...asked, max_tokens: 0 });
  assert.deepEqual(scored.choices[0].logprobs?.tokens, ['a', 'b']);
  assert.equal(scored.usage?.completion_tokens, 0);
  assert.equal(model.asked.length, 1);
});

test('a text ends before a stop text, which is no part of it', async (t) => {
  const { client } = await serve(t, { writes: 'abcdef' });
  const [choice] = (await client.completions.create({ ...plain, stop: ['f', 'cd'] })).choices;
  assert.deepEqual([choice.text, choice.finish_reason], ['ab', 'stop']);
  const [one] = (await client.completions.create({ ...plain, stop: 'e' })).choices;
  assert.equal(one.text, 'abcd');
});

test('what is a part of a character is told by its bytes', async (t) => {
  const { client } = await serve(t, { writes: '\xe2' });
  const [{ logprobs }] = (await client.completions.create({ ...plain, logprobs: 0 })).choices;
  assert.deepEqual(logprobs?.tokens, ['bytes:\\xe2']);
});

test('a prompt longer than the context is answered, and how much of it was dropped is told', async (t) => {
  // What begins a text takes a place too, and half of the context goes at a time.
  const { client } = await serve(t, { context: 8 });
  const fits = await client.completions.create({ ...plain, prompt: '1234567' }).withResponse();
  assert.equal(fits.response.headers.get('parlance-dropped-tokens'), null);
  const { data, response } = await client.completions
    .create({ ...plain, prompt: '123456789ab' })
    .withResponse();
  assert.equal(response.headers.get('parlance-dropped-tokens'), '3');
  assert.deepEqual(data.usage?.prompt_tokens_details, { dropped_tokens: 3 });
  assert.equal(data.usage?.prompt_tokens, 11);
  const stream = await client.completions
    .create({ ...plain, prompt: '123456789ab', stream: true })
    .withResponse();
  assert.equal(stream.response.headers.get('parlance-dropped-tokens'), '3');
});
