/** The table that the benchmark shows and writes into documents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BenchReport, markdown, replaceBlock } from '../../../bench/report.ts';
import { InputError } from '../../../src/common/errors.ts';

const machine = {
  date: '2026-01-02',
  commit: 'abc1234',
  processor: 'A processor',
  cores: 2,
  memoryGiB: 8,
  threads: 2,
  versions: { 'Node.js': '20.19.0' },
};
const nothing: BenchReport = {
  machine,
  training: [],
  ceiling: undefined,
  timeToPerplexity: undefined,
  tokenizer: undefined,
  editor: undefined,
  generation: [],
  pytorch: [],
  skipped: [],
  tookSeconds: 1,
};

test('what was not measured is said and has no row', () => {
  const table = markdown({ ...nothing, skipped: ['(a) no PyTorch'] });
  assert.match(table, /Not measured: \(a\) no PyTorch/);
  assert.doesNotMatch(table, /tokens\/s/);
});

test('our speed without a peer gives a share of the best product, and no comparison', () => {
  const speed = {
    name: 'A' as const,
    tokensPerSecond: 1000,
    modelFlopsPerSecond: 60e9,
    peer: undefined,
    ratioRange: undefined,
    target: 1.8,
  };
  const ceiling = { onnxruntime: {}, pytorch: undefined, flopsPerSecond: 100e9 };
  const table = markdown({ ...nothing, training: [speed], ceiling });
  assert.match(table, /\| 60\.0 \| 100\.0 \(best product\) \| 60 % \| ≥ 75 % \|/);
  assert.doesNotMatch(table, /PyTorch/);
});

test('a perplexity that ours did not reach is shown as such', () => {
  const comparison = { peerSeconds: 90, peerSteps: 200, perplexity: 50, ours: undefined, ratio: undefined };
  const timeToPerplexity = {
    trainTokens: 1,
    heldoutTokens: 1,
    rows: 16,
    peerParameters: 1,
    rates: [],
    comparisons: [comparison],
    curve: [],
    target: 0.5,
  };
  assert.match(markdown({ ...nothing, timeToPerplexity }), /\| not reached \| 90\.0 .* \| > 1 \| ≤ 0\.5 \|/);
});

test('only the text between the marks is replaced, as often as wanted', () => {
  const document = 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n';
  const once = replaceBlock(document, 'new', 'README.md');
  assert.equal(once, 'before\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nafter\n');
  assert.equal(replaceBlock(once, 'new', 'README.md'), once);
});

test('a document without marks is left alone, with a message that names it', () => {
  assert.throws(() => replaceBlock('text', 'new', 'README.md'), {
    name: InputError.name,
    message: /README\.md/,
  });
});
