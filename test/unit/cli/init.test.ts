import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { converse } from '../../../src/cli/init.ts';
import { TerminalDialogue } from '../../../src/cli/terminal-dialogue.ts';
import { InputError, InterruptedError } from '../../../src/common/errors.ts';
import { problemsOf } from '../../../src/experiments/config/problems.ts';
import { enters, talk, textFolder } from '../../support/terminal-talk.ts';

const TEXT = {
  'notes/a.md': 60_000,
  'notes/b.md': 60_000,
  'notes/c.md': 60_000,
  'letters/a.txt': 30_000,
  'letters/b.txt': 30_000,
  'letters/c.txt': 30_000,
  'generic/a.txt': 9_000_000,
};

test('Enter takes what is proposed, to the last question, and the file can be run as it is written', async (t) => {
  const root = await textFolder(t, TEXT);
  const { file, shown, error } = await talk(root, enters(9));
  assert.equal(error, undefined);
  const text = await readFile(file, 'utf8');
  assert.deepEqual(await problemsOf(text, file), []);
  const { name: _, ...experiment } = JSON.parse(text);
  assert.deepEqual(experiment, {
    preset: 'tiny',
    generic: { sources: [{ path: 'generic' }] },
    domains: [{ name: 'notes', sources: [{ path: 'notes' }] }],
    specialization: { domainTokens: [4096, 'all'] },
  });
  assert.match(shown, /Create Experiment \(1 of 9\)\nWhich text is your domain\?/);
  assert.match(shown, /^\* {2}1 {2}notes .*3 files, 180 kB/m);
  assert.match(shown, /parlance plan \S*parlance\.json[\s\S]*parlance run \S*parlance\.json/);
});

test('other answers are other files; back asks again, and what cannot be read is asked again', async (t) => {
  const root = await textFolder(t, TEXT);
  const answers = [
    ...['1,2', 'b', '', '', '9', 'generic', '1', 'b', ''],
    // The preset, two methods, budgets of one's own (falling ones are refused), no smaller size, three seeds.
    ...['1', '1,2', '4', '8k, 4k', '4k, 8k', '1', '3', '1'],
  ];
  const { file, shown, error } = await talk(root, answers);
  assert.equal(error, undefined, shown);
  const { name: _, ...experiment } = JSON.parse(await readFile(file, 'utf8'));
  assert.deepEqual(experiment, {
    preset: 'tiny',
    generic: { sources: [{ path: 'generic' }] },
    domains: [
      { name: 'notes', sources: [{ path: 'notes' }] },
      { name: 'letters', sources: [{ path: 'letters' }] },
    ],
    methods: ['slm-nopt', 'slm'],
    pretraining: { tokens: [4000, 8000] },
    specialization: { domainTokens: ['all'] },
    seeds: [1, 2, 3],
  });
  assert.match(shown, /Rising numbers of tokens/);
});

test('whoever stops, at whatever question, leaves the folder as it was', async (t) => {
  const root = await textFolder(t, TEXT);
  const before = (await readdir(root)).sort();
  for (let answered = 0; answered < 9; answered++) {
    const { error } = await talk(root, [...enters(answered), undefined]);
    assert.ok(error instanceof InterruptedError, `after ${answered} answers`);
    assert.deepEqual((await readdir(root)).sort(), before);
  }
  const { error } = await talk(root, [...enters(8), '2']);
  assert.ok(error instanceof InterruptedError);
  assert.deepEqual((await readdir(root)).sort(), before);
});

test('an experiment that is there is changed only after a yes, keeps what was not asked, and is replaced only by choice', async (t) => {
  const root = await textFolder(t, TEXT);
  const file = join(root, 'parlance.json');
  const own = {
    name: 'mine',
    generic: { sources: [{ path: 'generic' }] },
    domains: [{ name: 'post', sources: [{ path: 'letters' }] }],
    tokenizer: { vocabulary: 512 },
    seeds: [5],
  };
  const text = JSON.stringify(own);
  await writeFile(file, text);
  const refused = await talk(root, ['']);
  assert.equal(refused.error, undefined);
  assert.equal(await readFile(file, 'utf8'), text);

  assert.equal((await talk(root, ['y', ...enters(9)])).error, undefined);
  const changed = JSON.parse(await readFile(file, 'utf8'));
  assert.deepEqual(
    [changed.name, changed.domains, changed.tokenizer, changed.seeds],
    [own.name, own.domains, own.tokenizer, own.seeds],
  );

  // Enter does not replace.
  const stopped = await talk(root, [...enters(9), undefined], { force: true });
  assert.ok(stopped.error instanceof InterruptedError);
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), changed);
  assert.equal((await talk(root, [...enters(8), '1'], { force: true })).error, undefined);
  assert.equal('tokenizer' in JSON.parse(await readFile(file, 'utf8')), false);
});

test('a byte-order mark before an experiment is no mistake of it', async (t) => {
  const root = await textFolder(t, TEXT);
  const file = join(root, 'parlance.json');
  await writeFile(
    file,
    `\uFEFF${JSON.stringify({ domains: [{ name: 'post', sources: [{ path: 'letters' }] }] })}`,
  );
  const { error, shown } = await talk(root, ['y', ...enters(7)]);
  assert.equal(error, undefined, shown);
  assert.equal(JSON.parse(await readFile(file, 'utf8')).domains[0].name, 'post');
});

test('an experiment with mistakes is not touched, and the hint says how to begin anew', async (t) => {
  const root = await textFolder(t, TEXT);
  await writeFile(join(root, 'parlance.json'), '{"name": ');
  const { error } = await talk(root, []);
  assert.ok(error instanceof InputError);
  assert.match(error.hint, /--force/);
  assert.equal(await readFile(join(root, 'parlance.json'), 'utf8'), '{"name": ');
});

test('what came into the folder while questions were asked is not overwritten', async (t) => {
  const root = await textFolder(t, TEXT);
  const [input, output] = [new PassThrough(), new PassThrough()];
  let asked = 0;
  output.on('data', (piece: Buffer) => {
    if (!piece.toString().endsWith('> ')) return;
    asked++;
    const answer = async (): Promise<void> => {
      if (asked === 9) await writeFile(join(root, 'parlance.json'), 'of another program');
      input.write('\n');
    };
    setImmediate(() => void answer());
  });
  const dialogue = new TerminalDialogue(input, output);
  await assert.rejects(converse(join(root, 'parlance.json'), dialogue, {}), InputError);
  dialogue.close();
  assert.equal(await readFile(join(root, 'parlance.json'), 'utf8'), 'of another program');
});
