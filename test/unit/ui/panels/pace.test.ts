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

test('nothing is sent any more once it is let go of', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sent: ToPanel[] = [];
  const sender = new PacedSender((message) => sent.push(message));
  sender.send({ type: 'problem', message: 'first' });
  sender.send({ type: 'problem', message: 'second' });
  sender.dispose();
  t.mock.timers.tick(1000);
  assert.equal(sent.length, 1);
});
