/** One request at a time, and what becomes of those that wait, leave, or are too many. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import OpenAI from 'openai';
import { InterruptedError } from '../../../src/common/errors.ts';
import { MOST_WAITING } from '../../../src/server/server.ts';
import { Turns } from '../../../src/server/turns.ts';
import { gate, until } from '../../support/waiting.ts';
import { serve, TOKEN } from './served.ts';

const plain = { model: 'fake', max_tokens: 3 };

test('turns come in the order in which they were asked for, and who leaves the queue gives none up', async () => {
  const turns = new Turns(3);
  const door = gate();
  const begun: string[] = [];
  const leaving = new AbortController();
  const take = (name: string, signal = new AbortController().signal): Promise<void> =>
    turns.take(signal, async () => {
      begun.push(name);
      await door.opened;
      if (name === 'fails') throw new Error('it failed');
    });
  const taken = [take('fails'), take('second'), take('leaves', leaving.signal), take('last')];
  await assert.rejects(take('too many'), { status: 429 });
  leaving.abort();
  await assert.rejects(taken[2], InterruptedError);
  door.open();
  await assert.rejects(taken[0], /it failed/);
  await turns.idle();
  assert.deepEqual(begun, ['fails', 'second', 'last']);
  await take('after all');
});

test('two requests are never computed at once', async (t) => {
  const running = { now: 0, most: 0 };
  const { client } = await serve(t, {
    onToken: (token, { mostTokens }) => {
      if (token === 0) running.most = Math.max(running.most, ++running.now);
      if (token === mostTokens - 1) running.now--;
    },
  });
  const prompts = ['one', 'two', 'three'];
  await Promise.all(prompts.map((prompt) => client.completions.create({ ...plain, prompt })));
  assert.deepEqual(running, { now: 0, most: 1 });
});

test('when the queue is full, a request is sent away and told when to ask again', async (t) => {
  const door = gate();
  const { client, model } = await serve(t, { onToken: () => door.opened });
  const asking = [client.completions.create({ ...plain, prompt: 'first' })];
  await until('the first to begin', () => model.asked.length === 1);
  // One more than may wait: whichever of them comes last is sent away.
  for (let i = 0; i <= MOST_WAITING; i++)
    asking.push(client.completions.create({ ...plain, prompt: `${i}` }));
  const failed = await Promise.race(
    asking.map((one) =>
      one.then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );
  assert.ok(failed instanceof OpenAI.RateLimitError);
  assert.equal(failed.code, 'rate_limit_exceeded');
  assert.equal(failed.headers?.get('retry-after'), '5');
  door.open();
  const ended = await Promise.allSettled(asking);
  assert.equal(ended.filter(({ status }) => status === 'fulfilled').length, 1 + MOST_WAITING);
});

test('a client that goes away in the middle of a stream ends what is computed for it', async (t) => {
  const door = gate();
  const { client, model } = await serve(t, {
    onToken: (token, { prompt }) => (token === 2 && prompt === 'leaves' ? door.opened : undefined),
  });
  const stream = await client.completions.create({
    ...plain,
    prompt: 'leaves',
    max_tokens: 1_000_000,
    stream: true,
  });
  for await (const _ of stream) break;
  const next = client.completions.create({ ...plain, prompt: 'next' });
  door.open();
  assert.equal((await next).usage?.completion_tokens, 3);
  assert.equal(model.counts.ended, 2);
  assert.ok(model.counts.drawn < 1_000_000, `${model.counts.drawn} tokens were drawn`);
});

test('a client that goes away before its whole answer ends it, and one that waits is never begun', async (t) => {
  const door = gate();
  const { client, model } = await serve(t, { onToken: () => door.opened });
  const leaving = [new AbortController(), new AbortController()];
  const [first, second] = leaving.map(({ signal }, i) =>
    client.completions.create({ ...plain, prompt: `${i}`, max_tokens: 1_000_000 }, { signal }),
  );
  const left = [
    assert.rejects(first, OpenAI.APIUserAbortError),
    assert.rejects(second, OpenAI.APIUserAbortError),
  ];
  await until('one to begin', () => model.asked.length === 1);
  for (const one of leaving) one.abort();
  await Promise.all(left);
  door.open();
  const answer = await client.completions.create({ ...plain, prompt: 'last' });
  assert.equal(answer.usage?.completion_tokens, 3);
  assert.equal(model.asked.at(-1)?.prompt, 'last');
  assert.ok(model.counts.drawn < 1000, `${model.counts.drawn} tokens were drawn`);
});

test('a client that reads nothing of its stream for a minute is parted from, and the next is answered', async (t) => {
  const { client, model, server } = await serve(t, { writes: 'a'.repeat(60_000) });
  const body = JSON.stringify({ ...plain, prompt: 'a', max_tokens: 60_000, logprobs: 5, stream: true });
  const stalled = connect(Number(new URL(server.url).port), '127.0.0.1');
  t.after(() => stalled.destroy());
  stalled.pause();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  stalled.write(
    `POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  await until('it is parted from', () => {
    t.mock.timers.tick(60_000);
    return model.counts.ended === 1;
  });
  t.mock.timers.reset();
  assert.ok(model.counts.drawn < 60_000);
  assert.equal((await client.completions.create({ ...plain, prompt: 'b' })).usage?.completion_tokens, 3);
});

test('closing ends what is computed and waits for its end', async (t) => {
  const door = gate();
  const { client, model, server } = await serve(t, { onToken: () => door.opened });
  const asking = assert.rejects(client.completions.create({ ...plain, prompt: 'a', max_tokens: 1_000_000 }));
  await until('it to begin', () => model.asked.length === 1);
  const closing = server.close();
  door.open();
  await closing;
  assert.equal(model.counts.ended, 1);
  await asking;
});
