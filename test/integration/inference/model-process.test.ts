/** Models in a process of their own: the same answers as without one, streams, cancelled requests, and its end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bundleOf } from '../../../scripts/run-tests.mjs';
import type {
  GeneratedToken,
  GenerationRequest,
  LanguageModel,
} from '../../../src/inference/language-model.ts';
import { openLanguageModel } from '../../../src/inference/open-model.ts';
import { ModelProcess } from '../../../src/inference/process/client.ts';
import { program } from '../../support/programs.ts';
import { randomModel } from '../../support/random-model.ts';
import { until } from '../../support/waiting.ts';

const size = { layers: 2, width: 32, heads: 2, feedForward: 48, context: 64, vocabulary: 260 };
const request: GenerationRequest = {
  prompt: 'The model',
  temperature: 0.9,
  topK: 40,
  topP: 0.95,
  repetitionPenalty: 1.1,
  seed: 3,
  mostTokens: 20,
  stop: ['never'],
  alternatives: 3,
};

function startProcess(t: TestContext): ModelProcess {
  const models = new ModelProcess({ program: program('model-process'), threads: 1 });
  t.after(() => models.dispose());
  return models;
}

async function written(model: Pick<LanguageModel, 'generate'>, asked = request, signal?: AbortSignal) {
  const tokens: GeneratedToken[] = [];
  const stream = model.generate(asked, signal);
  for (;;) {
    const token = await stream.next();
    if (token.done) return { tokens, end: token.value };
    tokens.push(token.value);
  }
}

test('a process continues and scores texts as the model itself does', async (t) => {
  const folder = await randomModel(t, size);
  const remote = startProcess(t).model(folder);
  const own = await openLanguageModel(folder, { threads: 1 });
  t.after(() => own.dispose());
  const expected = await written(own);
  assert.equal(expected.tokens.length, 20);
  assert.deepEqual(await written(remote), expected);
  const text = 'What is odd about this text, which is longer than the context of 64 tokens? Nothing.';
  assert.deepEqual(await remote.score(text, { alternatives: 2 }), await own.score(text, { alternatives: 2 }));
  assert.deepEqual(await remote.facts(), { parameters: 25_888, context: 64, vocabulary: 260 });
});

test('requests to several models at once get their own answers', async (t) => {
  const models = startProcess(t);
  const folders = await Promise.all([1, 2, 3].map((seed) => randomModel(t, size, seed)));
  const together = await Promise.all(folders.map((folder) => written(models.model(folder))));
  const alone = [];
  for (const folder of folders) alone.push(await written(models.model(folder)));
  for (const [i, { tokens, end }] of together.entries()) {
    assert.deepEqual(end, alone[i].end);
    assertSameTokens(tokens, alone[i].tokens);
  }
  assert.notDeepEqual(together[0], together[1]);
});

/** A model that still holds the prompt computes only its last token anew, which rounds otherwise than all at once. */
function assertSameTokens(actual: readonly GeneratedToken[], expected: readonly GeneratedToken[]): void {
  const allOf = ({ alternatives, ...token }: GeneratedToken) => [token, ...alternatives];
  for (const [i, one] of expected.flatMap(allOf).entries()) {
    const { logProbability, ...rest } = actual.flatMap(allOf)[i];
    const { logProbability: expectedLog, ...expectedRest } = one;
    assert.deepEqual(rest, expectedRest);
    assert.ok(Math.abs(logProbability - expectedLog) < 1e-5, `${logProbability} and ${expectedLog}`);
  }
  assert.equal(actual.length, expected.length);
}

test('a request is cancelled between two tokens, and the next one is answered', async (t) => {
  const model = startProcess(t).model(await randomModel(t, size));
  const stop = new AbortController();
  const stream = model.generate({ ...request, mostTokens: 1_000_000 }, stop.signal);
  await stream.next();
  stop.abort();
  await assert.rejects(stream.next(), { name: 'InterruptedError' });
  assert.equal((await written(model)).tokens.length, 20);
  // A reader that has enough cancels too: else this never ended.
  for await (const _ of model.generate({ ...request, mostTokens: 1_000_000 })) break;
  assert.equal((await written(model)).tokens.length, 20);
});

test('what is wrong with a model is told in the same words, and the process goes on', async (t) => {
  const models = startProcess(t);
  const folder = await randomModel(t, size);
  await assert.rejects(written(models.model(join(folder, 'none'))), {
    name: 'InputError',
    message: `There is no whole model in ${join(folder, 'none')}: it has no config.json.`,
    hint: /Save Model/,
  });
  const damaged = await randomModel(t, size);
  await appendFile(join(damaged, 'model.safetensors'), 'more');
  await assert.rejects(models.model(damaged).facts(), { name: 'CorruptionError' });
  assert.equal((await written(models.model(folder))).tokens.length, 20);
});

test('a process that dies fails what was asked, and starts again with the next request', async (t) => {
  const models = startProcess(t);
  const model = models.model(await randomModel(t, size));
  const stream = model.generate({ ...request, mostTokens: 1_000_000 });
  await stream.next();
  const first = models.processId;
  assert.ok(first !== undefined);
  process.kill(first, 'SIGKILL');
  await assert.rejects(async () => {
    for await (const _ of stream);
  }, /The process that runs the model ended \(signal SIGKILL\)/);
  assert.equal((await written(model)).tokens.length, 20);
  assert.notEqual(models.processId, first);
});

test('nothing is kept of an answer that was given, for as long as the process lives', async (t) => {
  const script = bundleOf(fileURLToPath(new URL('large-answers.child.ts', import.meta.url)));
  const models = new ModelProcess({ program: script, threads: 1 });
  t.after(() => models.dispose());
  const model = models.model('/nowhere');
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const usedAfter = async (answers: number): Promise<number> => {
    for (let i = 0; i < answers; i++) await model.score('a', { alternatives: 0 });
    await nextTurn();
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await usedAfter(5);
  const grown = (await usedAfter(40)) - before;
  // All that was answered is 40 MB.
  assert.ok(grown < 10e6, `${grown} bytes more are used`);
});

test('the process ends with its parent, however that ends', async (t) => {
  const folder = await randomModel(t, size);
  const script = bundleOf(fileURLToPath(new URL('parent.child.ts', import.meta.url)));
  const parent = spawn(process.execPath, [script, program('model-process'), folder]);
  t.after(() => parent.kill('SIGKILL'));
  const [said] = await once(parent.stdout.setEncoding('utf8'), 'data');
  const id = Number(said);
  assert.ok(isRunning(id));
  parent.kill('SIGKILL');
  await until('the process ends', () => !isRunning(id));
});

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
