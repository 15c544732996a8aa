/** Which other runs' lines may stand beside an experiment's: those whose perplexity means the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otherRunsBeside } from '../../../../src/experiments/runs/other-runs.ts';

const configuration = (batchTokens: number, vocabulary = 1024) => ({
  name: 'any',
  vocabulary,
  pretraining: { budgets: [100], batchTokens },
  fineTuning: { batchTokens: 64, domainTokens: ['all'] },
});
const text = { generic: 'g', wiki: 'w' };
const run = (
  id: string,
  created: string,
  batchTokens: number,
  corpora: Record<string, string> | undefined = text,
) => ({
  id,
  created,
  configuration: configuration(batchTokens),
  ...(corpora && { corpora }),
});
const own = { configuration: configuration(1024), corpora: text };

test('runs of one other configuration are one line, named by what differs, the newest first', () => {
  const { beside, otherText, unknown } = otherRunsBeside(
    [run('a', '1', 512), run('b', '2', 512), run('c', '3', 2048)],
    own,
  );
  assert.deepEqual(
    beside.map(({ runs, differs }) => [runs.map(({ id }) => id), differs]),
    [
      [['c'], ['pretraining.batchTokens 2048 instead of 1024']],
      [['b', 'a'], ['pretraining.batchTokens 512 instead of 1024']],
    ],
  );
  assert.deepEqual([otherText, unknown], [0, 0]);
});

test('a run is named by what its methods read, and grouped by it', () => {
  const made = (id: string, method: string, slabs: number, batchTokens = 512) => {
    const settings = { ...configuration(batchTokens), methods: [method], projection: { slabs } };
    return { ...run(id, id, batchTokens), configuration: settings };
  };
  const here = { configuration: { ...configuration(1024), projection: { slabs: 4 } }, corpora: text };
  const { beside } = otherRunsBeside(
    [made('1', 'slm', 8), made('2', 'slm', 16), made('3', 'slm-pn', 16)],
    here,
  );
  const batch = 'pretraining.batchTokens 512 instead of 1024';
  assert.deepEqual(
    beside.map(({ runs, differs }) => [runs.map(({ id }) => id), differs]),
    [
      [
        ['3', '2'],
        [batch, 'projection.slabs 16 instead of 4'],
      ],
      [['1'], [batch]],
    ],
  );
});

test('other text of the domain, other generic text, which makes the tokenizer, and another vocabulary are left out', () => {
  const others = [
    run('a', '1', 512, { generic: 'g', wiki: 'other' }),
    run('b', '2', 512, { generic: 'other', wiki: 'w' }),
    run('c', '3', 512, { generic: 'g', wiki: 'w', more: 'm' }),
    { ...run('d', '4', 512), configuration: configuration(512, 2048) },
  ];
  const { beside, otherText } = otherRunsBeside(others, own);
  assert.deepEqual([beside.length, otherText], [0, 4]);
});

test('where a record does not name the text, the run is left out and counted', () => {
  const { corpora: _, ...unrecorded } = run('a', '1', 512);
  assert.deepEqual(otherRunsBeside([unrecorded], own), { beside: [], otherText: 0, unknown: 1 });
  assert.equal(otherRunsBeside([run('a', '1', 512)], { ...own, corpora: undefined }).unknown, 1);
});
