/** The index and a run never disagree about a corpus, and an untrusted workspace keeps to its own folder. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bundleOf } from '../../../scripts/run-tests.mjs';
import { indexCorpus } from '../../../src/corpus/documents/indexing.ts';
import { labelNames } from '../../../src/corpus/labels/labels.ts';
import { anchorPassage } from '../../../src/corpus/labels/passages.ts';
import { readExperiment } from '../../../src/experiments/config/configuration.ts';
import { corporaOf } from '../../../src/methods/experiment-plan.ts';
import { until } from '../../support/waiting.ts';
import { buildIndexer, experiment, filesOf, follow, textOf } from './followed-folder.ts';

let built: Awaited<ReturnType<typeof buildIndexer>>;
before(async () => {
  built = await buildIndexer();
});
after(() => built.remove());

const passage = (text: string, part: string) =>
  anchorPassage(text, text.indexOf(part), text.indexOf(part) + part.length);

test('files, passages and bytes of every label equal those of a run', async (t) => {
  const mixed = `${textOf(1)}\nA passage that is held out.\n\n${textOf(2)}`;
  const generic = `${textOf(3)}\nThis one belongs to the domain.\n\n${textOf(4)}`;
  const labels = [
    { glob: 'drafts/**', label: 'excluded' },
    { glob: 'drafts/kept/**', label: 'in-domain' },
    { path: 'notes/five.md', label: 'held-out' },
    { path: 'notes/mixed.md', label: 'held-out', passage: passage(mixed, 'A passage that is held out.') },
    {
      path: 'books/generic.txt',
      label: 'in-domain',
      passage: passage(generic, 'This one belongs to the domain.'),
    },
    { path: 'notes/gone.md', label: 'held-out', passage: passage('never there', 'never') },
  ];
  const followed = await follow(t, built.program, {
    'parlance.json': experiment({ path: '.', include: ['*.{md,jsonl}'], exclude: ['old/'] }),
    '.gitignore': 'out/\n*.tmp.md\n!keep.tmp.md\n',
    '.parlance/labels.json': JSON.stringify({ version: 1, labels }),
    'books/generic.txt': generic,
    'books/other.txt': textOf(5),
    'books/copy.txt': textOf(5),
    'notes/mixed.md': mixed,
    'notes/five.md': textOf(6),
    'notes/copy.md': textOf(6),
    'notes/keep.tmp.md': textOf(7),
    'notes/drop.tmp.md': textOf(8),
    'notes/windows.md': textOf(9).replaceAll('\n', '\r\n'),
    'notes/data.jsonl': `${JSON.stringify({ text: textOf(10) })}\nbroken\n${JSON.stringify({ text: textOf(11) })}\n`,
    'notes/binary.md': 'a\0b',
    'drafts/one.md': textOf(12),
    'drafts/kept/two.md': textOf(13),
    'old/three.md': textOf(14),
    'notes/near.md': `${textOf(7)} and a few words`,
    'notes/holder.md': `${textOf(16)} ${textOf(17)} ${textOf(6)} ${textOf(18)}`,
    'out/four.md': textOf(15),
  });
  // Near-copies and quotes are looked for one after the other, when the files are read.
  const summary = await followed.until(
    ({ state, corpora }) =>
      state === 'ready' &&
      [/ near-cop/, /Held-out text of notes\/five\.md/].every((told) =>
        corpora[1].warnings.some(({ message }) => told.test(message)),
      ),
  );
  const { plan } = await readExperiment(followed.file);
  const nearCopies = new Map<string, number>();
  const removed: string[] = [];
  for (const specification of corporaOf(plan)) {
    const directory = await mkdtemp(join(tmpdir(), 'parlance-store-'));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const { report } = await indexCorpus(specification, { directory, signal: new AbortController().signal });
    const facts = summary.corpora.find(({ name }) => name === specification.name);
    for (const label of labelNames) {
      const { files = 0, bytes = 0 } = facts?.labels[label] ?? {};
      const expected = report.labels[label];
      assert.deepEqual(
        { files, bytes },
        { files: expected.files, bytes: expected.bytes },
        `${specification.name} ${label}`,
      );
    }
    nearCopies.set(specification.name, report.nearDuplicates.copies);
    removed.push(...report.nearDuplicates.removed.examples.map(({ path }) => path));
    assert.equal(facts?.explicitHeldout, report.explicitHeldout);
    const kinds = facts?.warnings.map(({ kind }) => kind) ?? [];
    assert.equal(kinds.includes('lost passage'), report.lostPassages.length > 0, specification.name);
    assert.equal(kinds.includes('duplicates'), report.exactDuplicates.documents > 0, specification.name);
  }
  const notes = summary.corpora[1];
  const near = notes.warnings.find(({ message }) => / near-cop/.test(message));
  assert.equal(near?.count, nearCopies.get('notes'));
  assert.equal(nearCopies.get('notes'), 2);
  const held = notes.warnings.filter(({ message }) => /Held-out text of notes\/five\.md/.test(message));
  assert.deepEqual(
    held.flatMap(({ files }) => files.slice(1)),
    [join(followed.folder, 'notes/holder.md')],
  );
  assert.deepEqual(removed, ['notes/holder.md']);
  assert.equal(notes.labels['held-out']?.passages, 1);
  const page = await followed.client.files(followed.file, {
    corpus: 'notes',
    label: 'held-out',
    offset: 0,
    limit: 10,
  });
  assert.deepEqual(
    page.files.map(({ path }) => path),
    [join(followed.folder, 'notes/five.md'), join(followed.folder, 'notes/mixed.md')],
  );
  const facts = await followed.client.file(followed.file, join(followed.folder, 'notes/mixed.md'));
  assert.deepEqual(Object.keys(facts), ['notes']);
  assert.equal(facts.notes.size.source, 'estimated');
});

test('passages that labels take out of a domain count with their size, where they overlap once', async (t) => {
  const mixed = `${textOf(1)}\nThis is a draft of mine.\n\nThis is anybody's text.\n\n${textOf(2)}`;
  const labels = [
    { path: 'mixed.md', label: 'excluded', passage: passage(mixed, 'This is a draft of mine.') },
    { path: 'mixed.md', label: 'excluded', passage: passage(mixed, 'draft of') },
    { path: 'mixed.md', label: 'generic', passage: passage(mixed, "This is anybody's text.") },
  ];
  const followed = await follow(t, built.program, {
    'parlance.json': experiment(),
    '.parlance/labels.json': JSON.stringify({ version: 1, labels }),
    'books/a.txt': textOf(3),
    'mixed.md': mixed,
  });
  const summary = await followed.until(({ state }) => state === 'ready');
  const { excluded, generic } = summary.corpora[1].labels;
  assert.deepEqual(excluded, { files: 0, passages: 2, bytes: 24, tokens: 10, source: 'estimated' });
  assert.deepEqual(generic, { files: 0, passages: 1, bytes: 23, tokens: 10, source: 'estimated' });
  await followed.write('mixed.md', mixed.replace('of mine', 'of ours'));
  const edited = await followed.until(({ corpora }) => corpora[1].labels.excluded?.bytes === 8);
  assert.equal(edited.corpora[1].labels.excluded?.passages, 1);
});

test('held-out text that also stands in training files is named', async (t) => {
  const labels = [{ path: 'held.md', label: 'held-out' }];
  const followed = await follow(t, built.program, {
    'parlance.json': experiment(),
    '.parlance/labels.json': JSON.stringify({ version: 1, labels }),
    'books/a.txt': textOf(1),
    'books/quote.txt': `${textOf(2)} and one word more`,
    'held.md': textOf(2),
    'one.md': textOf(3),
    'two.md': textOf(4),
  });
  const isContamination = ({ kind }: { readonly kind: string }) => kind === 'contamination';
  const summary = await followed.until(({ corpora }) => corpora[1]?.warnings.some(isContamination));
  const warning = summary.corpora[1].warnings.find(isContamination);
  assert.match(warning?.message ?? '', /books\/quote\.txt/);
  assert.ok(warning?.files.includes(join(followed.folder, 'held.md')));
  await followed.write('books/quote.txt', textOf(9));
  await followed.until(({ corpora }) => !corpora[1].warnings.some(isContamination));
});

test('an untrusted workspace reads nothing outside of its folder, not even by links, until it is trusted', async (t) => {
  const outside = await mkdtemp(join(tmpdir(), 'parlance-outside-'));
  t.after(() => rm(outside, { recursive: true, force: true }));
  await writeFile(join(outside, 'secret.md'), textOf(20));
  let trusted = false;
  const followed = await follow(
    t,
    built.program,
    { 'parlance.json': experiment(undefined, { path: outside }), 'one.md': textOf(1), 'two.md': textOf(2) },
    () => trusted,
  );
  await symlink(join(outside, 'secret.md'), join(followed.folder, 'linked.md'));
  await symlink(outside, join(followed.folder, 'linked'));
  const summary = await followed.until(
    (one) => one.state === 'ready' && one.corpora[1].warnings.some(({ message }) => /2 links/.test(message)),
  );
  assert.equal(filesOf(summary), 2);
  assert.deepEqual(summary.corpora[0].labels, {});
  assert.match(summary.corpora[0].warnings[0].message, /not trusted/);
  trusted = true;
  const after = await followed.until((one) => filesOf(one) === 4);
  assert.equal(after.corpora[0].labels.generic?.files, 1);
});

test('the indexer ends with its parent, even one that is killed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-orphan-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'parlance.json'), experiment());
  await writeFile(join(folder, 'one.md'), textOf(1));
  const script = bundleOf(fileURLToPath(new URL('parent.child.ts', import.meta.url)));
  const parent = spawn(process.execPath, [script, built.program, join(folder, 'parlance.json')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [line] = await once(parent.stdout.setEncoding('utf8'), 'data');
  const indexer = Number.parseInt(String(line), 10);
  // When nothing is said any more: a message to nobody would end it too.
  await sleep(1500);
  assert.ok(isRunning(indexer));
  parent.kill('SIGKILL');
  await until('the indexer ends', () => !isRunning(indexer));
});

test('the indexer is started again after a crash, and given up with the reason', async (t) => {
  const followed = await follow(t, built.program, {
    'parlance.json': experiment(),
    'books/a.txt': textOf(1),
    'one.md': textOf(2),
  });
  const { client } = followed;
  for (let crash = 1; crash <= 4; crash++) {
    await followed.until(({ state }) => state === 'ready');
    const { processId } = client;
    assert.ok(processId !== undefined);
    followed.summaries.length = 0;
    process.kill(processId, 'SIGKILL');
    if (crash < 4) await followed.until(({ state }) => state === 'ready');
  }
  const failed = await followed.until(({ state }) => state === 'failed');
  assert.match(failed.message, /SIGKILL/);
});

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}
