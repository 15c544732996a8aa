/** Two models that write at once: what is told, what is kept, and who is heard no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interrupted } from '../../../../src/common/interruption.ts';
import type {
  GeneratedToken,
  GenerationEnd,
  GenerationRequest,
} from '../../../../src/inference/language-model.ts';
import type { RemoteModel } from '../../../../src/inference/process/client.ts';
import type { WriteRequest, WrittenPart } from '../../../../src/panel-protocol/playground.ts';
import { Writing } from '../../../../src/ui/playground/writing.ts';

const request: WriteRequest = {
  type: 'write',
  request: 1,
  prompt: 'Dear',
  models: [
    { side: 'left', folder: '/one' },
    { side: 'right', folder: '/two' },
  ],
  temperature: 0.5,
  topP: 0.9,
  tokens: 3,
  seed: 7,
};

/** The likeliest tokens: those with the ids 0 and 1, whose text is not what the model writes with them. */
const expected = [0, 1].map((id) => ({ id, text: '\ufffd', logProbability: -1 - id }));

/** Models that write their folder's name; `/broken` fails, `/slow` waits until it is stopped. */
function models() {
  const asked: GenerationRequest[] = [];
  const model = (folder: string): Pick<RemoteModel, 'generate'> => ({
    async *generate(asking, signal): AsyncGenerator<GeneratedToken, GenerationEnd> {
      asked.push(asking);
      if (folder === '/broken') throw new Error('no such model');
      for (let i = 0; i < asking.mostTokens; i++) {
        yield { id: i, text: `${folder} `, logProbability: -1, alternatives: expected };
        if (folder !== '/slow') continue;
        await new Promise((done) => signal?.addEventListener('abort', done));
        throw interrupted();
      }
      return { ending: 'end of text', promptTokens: 1, dropped: 0 };
    },
  });
  return { asked, models: { model } as ConstructorParameters<typeof Writing>[0] };
}

const textOf = (parts: readonly WrittenPart[], side: string) =>
  parts.flatMap((part) => (part.side === side ? part.tokens.map(({ text }) => text) : [])).join('');

test('each side gets what its model writes, then how it ended; all of it is kept for a page that begins anew', async () => {
  const told: WrittenPart[] = [];
  const { asked, models: made } = models();
  const writing = new Writing(made, (part) => told.push(part));
  await writing.start(request);
  assert.equal(textOf(told, 'left'), '/one /one /one ');
  assert.equal(textOf(told, 'right'), '/two /two /two ');
  assert.deepEqual(writing.soFar, told);
  const { prompt, temperature, topP, mostTokens, seed } = asked[0];
  assert.deepEqual([prompt, temperature, topP, mostTokens, seed], ['Dear', 0.5, 0.9, 3, 7]);
  const ends = told.filter(({ state }) => state !== 'writing');
  assert.deepEqual(ends.map(({ side, state, note }) => [side, state, note]).sort(), [
    ['left', 'ended', 'The text ends here, the model says.'],
    ['right', 'ended', 'The text ends here, the model says.'],
  ]);
});

test('what else was expected is told without the token that was drawn', async () => {
  const told: WrittenPart[] = [];
  await new Writing(models().models, (part) => told.push(part)).start({
    ...request,
    models: [{ side: 'left', folder: '/one' }],
  });
  const others = told.flatMap(({ tokens }) => tokens.map((token) => token.alternatives.length));
  assert.deepEqual(others, [1, 1, 2]);
});

test('a model that fails says why, and the other goes on', async () => {
  const told: WrittenPart[] = [];
  const writing = new Writing(models().models, (part) => told.push(part));
  await writing.start({ ...request, models: [{ side: 'left', folder: '/broken' }, request.models[1]] });
  assert.match(told.find(({ state }) => state === 'failed')?.note ?? '', /no such model/);
  assert.equal(textOf(told, 'right'), '/two /two /two ');
});

test('what is stopped says so, and what is replaced is not kept', async () => {
  const told: WrittenPart[] = [];
  const writing = new Writing(models().models, (part) => told.push(part));
  const slow = { ...request, models: [{ side: 'left' as const, folder: '/slow' }] };
  const first = writing.start(slow);
  await new Promise(setImmediate);
  writing.stop();
  await first;
  assert.deepEqual(
    writing.soFar.map(({ state }) => state),
    ['writing', 'writing', 'stopped'],
  );
  const second = writing.start({ ...slow, request: 2 });
  await new Promise(setImmediate);
  await writing.start({ ...request, request: 3 });
  await second;
  assert.ok(writing.soFar.every((part) => part.request === 3));
  assert.ok(told.some((part) => part.request === 2 && part.state === 'stopped'));
});
