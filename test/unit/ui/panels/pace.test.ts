import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToPanel } from '../../../../src/panel-protocol/messages.ts';
import { PacedSender } from '../../../../src/ui/panels/pace.ts';

const points = (from: number, loss: readonly number[]): ToPanel => {
  const column = [...loss];
  const own = { step: column, tokens: column, flops: column, seconds: column, loss: column };
  return { type: 'points', parts: [{ curve: 'a', part: 'training', from, points: own }] };
};

test('a thousand messages in a second leave as ten at most, none older than the last, and no point is lost', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sent: ToPanel[] = [];
  const sender = new PacedSender((message) => sent.push(message));
  for (let i = 0; i < 1000; i++) {
    sender.send({ type: 'problem', message: `${i}` });
    sender.send(points(i, [i]));
    t.mock.timers.tick(1);
  }
  assert.ok(sent.length <= 11, `${sent.length}`);
  t.mock.timers.tick(1000);
  const problems = sent.flatMap((message) => (message.type === 'problem' ? [message.message] : []));
  assert.equal(problems.at(-1), '999');
  const told = sent.flatMap((message) => (message.type === 'points' ? message.parts : []));
  assert.deepEqual(
    told.map(({ from }) => from),
    Array.from({ length: 1000 }, (_, i) => i),
  );
});

test('what two models write at once arrives whole, each text in its order', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sent: ToPanel[] = [];
  const sender = new PacedSender((message) => sent.push(message));
  for (let i = 0; i < 200; i++) {
    const tokens = [{ text: `${i}`, logProbability: -1, alternatives: [] }];
    const side = i % 3 === 0 ? 'left' : 'right';
    sender.send({ type: 'written', parts: [{ request: 1, side, tokens, state: 'writing', note: '' }] });
    t.mock.timers.tick(5);
  }
  t.mock.timers.tick(1000);
  assert.ok(sent.length <= 12, `${sent.length}`);
  const parts = sent.flatMap((message) => (message.type === 'written' ? message.parts : []));
  const text = (side: string) =>
    parts.flatMap((part) => (part.side === side ? part.tokens.map((token) => Number(token.text)) : []));
  const all = Array.from({ length: 200 }, (_, i) => i);
  assert.deepEqual(
    text('left'),
    all.filter((i) => i % 3 === 0),
  );
  assert.deepEqual(
    text('right'),
    all.filter((i) => i % 3 !== 0),
  );
});

test('nothing is sent any more once it is let go of', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sent: ToPanel[] = [];
  const sender = new PacedSender((message) => sent.push(message));
  sender.send({ type: 'problem', message: 'first' });
  sender.send({ type: 'problem', message: 'second' });
  sender.dispose();
  sender.send({ type: 'problem', message: 'an answer that comes late' });
  t.mock.timers.tick(1000);
  assert.equal(sent.length, 1);
});
