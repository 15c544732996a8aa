import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InputError } from '../../../../src/common/errors.ts';
import { checkExperiment, problemInWords } from '../../../../src/experiments/config/configuration.ts';
import { givenModels } from '../../../../src/experiments/config/given-models.ts';
import { trainTokenizer } from '../../../../src/tokenizer/train.ts';
import { modelVariants, saveRandomModel } from '../../../support/random-models.ts';

async function savedModel(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'given-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const tokenizer = await trainTokenizer([text.repeat(20)], { vocabularySize: 270 });
  await saveRandomModel(folder, modelVariants['grouped queries'], tokenizer);
  return folder;
}

const contentOf = async (folder: string) => {
  const { from } = await givenModels('/', { small: { from: folder } });
  return from.small?.content;
};

test('a model is read once, and again when one of its files has another time', async (t) => {
  const folder = await savedModel(t, 'a text of its own ');
  const path = join(folder, 'model.safetensors');
  const time = new Date(1_700_000_000_000);
  await utimes(path, time, time);
  const first = await contentOf(folder);
  const weights = await readFile(path);
  weights[weights.length - 1] ^= 1;
  await writeFile(path, weights);
  await utimes(path, time, time);
  assert.equal(await contentOf(folder), first);
  await utimes(path, time, new Date(time.getTime() + 1000));
  assert.notEqual(await contentOf(folder), first);
});

test('two models of other tokens are refused, with what differs; of one tokenizer they are taken', async (t) => {
  const [one, same, other] = [
    await savedModel(t, 'a text of its own '),
    await savedModel(t, 'a text of its own '),
    await savedModel(t, 'quite other words '),
  ];
  const both = await givenModels('/', { small: { from: one, cost: '2PFLOP' }, large: { from: same } });
  assert.deepEqual([both.from.small?.flops, both.from.large?.flops], [2e15, undefined]);
  assert.deepEqual([both.context, both.vocabulary], [64, 300]);
  await assert.rejects(
    givenModels('/', { small: { from: one }, large: { from: other } }),
    (error) =>
      error instanceof InputError && /not the same tokenizer: \d+ of \d+ tokens differ/.test(error.message),
  );
});

test('a mistake in a model is told of the form that was meant', () => {
  const told = (small: object | number) => {
    const domains = [{ name: 'd', sources: [{ path: '.' }] }];
    const checked = checkExperiment({ domains, models: { small } });
    return 'problems' in checked ? checked.problems.map(problemInWords) : [];
  };
  assert.deepEqual(told({ layers: 2, heads: 2, feedForward: 8 }), ['models.small.width is missing']);
  assert.deepEqual(told({ from: 3 }), ['models.small.from must be a text in quotation marks (got 3)']);
  assert.deepEqual(told({ form: 'model' }), [
    'models.small.from is missing',
    'models.small.form: there is no setting "form"',
  ]);
  assert.deepEqual(told({ from: 'model', layers: 2 }), ['models.small.layers: there is no setting "layers"']);
  assert.deepEqual(told(5), ['models.small must be an object in braces (got 5)']);
  assert.deepEqual(told({ from: 'model' }), []);
});
