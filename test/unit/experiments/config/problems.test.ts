import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { leftToSay, problemsOf } from '../../../../src/experiments/config/problems.ts';

async function problems(t: TestContext, lines: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-problems-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'notes'));
  await mkdir(join(folder, 'generic', 'inner'), { recursive: true });
  return problemsOf(lines.join('\n'), join(folder, 'parlance.json'));
}

const GENERIC = '  "generic": { "sources": [{ "path": "generic" }] },';
const DOMAIN = '  "domains": [{ "name": "notes", "sources": [{ "path": "notes" }] }]';

test('an experiment file without mistakes has no problems', async (t) => {
  assert.deepEqual(await problems(t, ['{', GENERIC, DOMAIN, '}']), []);
});

test('a seed that would repeat a smaller one is refused', async (t) => {
  const withSeeds = (seeds: string) => problems(t, ['{', GENERIC, `${DOMAIN},`, `  "seeds": ${seeds}`, '}']);
  assert.deepEqual(await withSeeds('[0, 4294967295]'), []);
  const [{ line, message }] = await withSeeds('[0, 4294967296]');
  assert.deepEqual([line, message], [4, 'seeds.1 must be 4294967295 at most (got 4294967296).']);
});

test('each mistake is told on its line, with the place and the value', async (t) => {
  const found = await problems(t, [
    '{',
    GENERIC,
    `${DOMAIN},`,
    '  "methods": ["slm", "slmm"],',
    '  "seeds": [],',
    '  "colour": 1',
    '}',
  ]);
  const expected: [number, RegExp][] = [
    [4, /^methods\.1 .*got "slmm"/],
    [5, /^seeds must hold 1 value at least \(got \[\]\)\./],
    [6, /there is no setting "colour"/],
  ];
  assert.deepEqual(
    found.map(({ line }) => line),
    expected.map(([line]) => line),
  );
  for (const [i, [, words]] of expected.entries()) assert.match(found[i].message, words);
});

test('a model from elsewhere that cannot be used is told on its own line', async (t) => {
  const found = await problems(t, [
    '{',
    GENERIC,
    `${DOMAIN},`,
    '  "models": {',
    '    "small": { "layers": 1, "width": 16, "heads": 2, "feedForward": 32 },',
    '    "large": { "from": "nowhere" }',
    '  },',
    '  "selection": { "embedding": "lsi" }',
    '}',
  ]);
  assert.deepEqual(
    found.map(({ line }) => line),
    [6],
  );
  assert.match(found[0].message, /nowhere/);
});

test('a cap on how often a decay sees in-domain text is 1 at least', async (t) => {
  const decay = (maximumRepetition: number) =>
    problems(t, [
      '{',
      GENERIC,
      `${DOMAIN},`,
      `  "decay": { "maximumRepetition": ${maximumRepetition} }`,
      '}',
    ]);
  assert.deepEqual(await decay(1), []);
  const [{ line, message }] = await decay(0.1);
  assert.equal(line, 4);
  assert.match(message, /^decay\.maximumRepetition .*\(got 0\.1\)/);
});

test('points to measure besides the grid are checked one by one', async (t) => {
  const lines = ['{', GENERIC, `${DOMAIN},`, '  "points": ['];
  const good = '    { "pretraining": 200000, "domainTokens": "all" }';
  assert.deepEqual(await problems(t, [...lines, good, '  ]', '}']), []);
  const found = await problems(t, [
    ...lines,
    `${good},`,
    '    { "pretraining": 0, "domainTokens": 1 }',
    '  ]',
    '}',
  ]);
  assert.deepEqual(
    found.map(({ line, message }) => [line, message.split(' ')[0]]),
    [[6, 'points.1.pretraining']],
  );
});

test('what the editor’s JSON support has told is not told again, what only Parlance knows is', async (t) => {
  const found = await problems(t, ['{', '  "generic": { "sources": [{ "path": "nowhere" }] },', DOMAIN, '}']);
  assert.equal(leftToSay(found, [2]).length, 1);
  const wrong = await problems(t, ['{', GENERIC, `${DOMAIN},`, '  "seeds": [],', '  "colour": 1', '}']);
  assert.deepEqual(
    leftToSay(wrong, [4]).map(({ line }) => line),
    [5],
  );
  const broken = await problems(t, ['{', '  "name": "x"', '  "seeds": [1]', '}']);
  assert.deepEqual(leftToSay(broken, [2]), []);
  assert.equal(leftToSay(broken, []).length, 1);
});

test('values of the wrong kind are told in plain words', async (t) => {
  const lines = [
    '  "context": "long",',
    '  "seeds": [1.5],',
    '  "specialization": { "domainTokens": ["some"] }',
  ];
  const found = await problems(t, ['{', GENERIC, `${DOMAIN},`, ...lines, '}']);
  assert.deepEqual(found.map(({ message }) => message).sort(), [
    'context must be a number (got "long").',
    'seeds.0 must be a whole number (got 1.5).',
    'specialization.domainTokens.0 must be a number or "all" (got "some").',
  ]);
});

test('text that is not JSON is told at its line, and nothing else', async (t) => {
  const found = await problems(t, ['{', '  "name": "x"', '  "seeds": [1]', '}']);
  assert.deepEqual(
    found.map(({ line, message }) => [line, message]),
    [[3, 'This is not valid JSON.']],
  );
});

test('relations between values are told where the value stands', async (t) => {
  const found = await problems(t, [
    '{',
    GENERIC,
    `${DOMAIN},`,
    '  "models": {',
    '    "small": { "layers": 1, "width": 30, "heads": 4, "feedForward": 64 }',
    '  },',
    '  "pretraining": {',
    '    "tokens": [2048, 1024]',
    '  },',
    '  "specialization": {',
    '    "domainTokens": [4096, 2048]',
    '  }',
    '}',
  ]);
  assert.deepEqual(
    found.map(({ line, severity }) => [line, severity]),
    [
      [5, 'error'],
      [8, 'error'],
      [11, 'error'],
    ],
  );
  assert.match(found[0].message, /width 30 over 4 heads must be a whole, even number/);
  assert.match(found[1].message, /^pretraining\.tokens must rise/);
});

test('a source that is not there is an error, and text of both corpora a warning', async (t) => {
  const found = await problems(t, [
    '{',
    GENERIC,
    '  "domains": [',
    '    { "name": "a", "sources": [{ "path": "nowhere" }] },',
    '    { "name": "b", "sources": [{ "path": "generic/inner" }] },',
    '    { "name": "c", "sources": [{ "path": ".", "exclude": ["generic/"] }] }',
    '  ]',
    '}',
  ]);
  assert.deepEqual(
    found.map(({ line, severity }) => [line, severity]),
    [
      [4, 'error'],
      [5, 'warning'],
    ],
  );
  assert.match(found[0].message, /domains\.0\.sources\.0\.path: there is no .*nowhere/);
});

test('a context has bounds, and no domain takes the name of the generic corpus', async (t) => {
  for (const [context, words] of [
    [1, /^context must be 8 at least \(got 1\)/],
    [1_000_000, /^context must be \d+ at most \(got 1000000\)/],
  ] as const) {
    const [found] = await problems(t, ['{', GENERIC, `${DOMAIN},`, `  "context": ${context}`, '}']);
    assert.match(found.message, words);
  }
  const named = await problems(t, [
    '{',
    GENERIC,
    DOMAIN.replace('"name": "notes"', '"name": "generic"'),
    '}',
  ]);
  assert.match(named[0].message, /^domains\.0\.name must be another name/);
});
