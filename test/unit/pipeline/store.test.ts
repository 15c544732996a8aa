import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CorruptionError, InputError } from '../../../src/common/errors.ts';
import { sha256 } from '../../../src/common/hash.ts';
import { why } from '../../../src/pipeline/explain.ts';
import { bench, stage } from './fixtures.ts';

test('records kind, parameters, inputs, cost and the size and checksum of each file', async (t) => {
  const { run } = bench(t);
  const base = stage('base');
  const { manifest, directory } = await run(stage('top', { inputs: { base }, booking: 'specialization' }));
  assert.deepEqual(manifest.files, [{ path: 'label.txt', bytes: 3, sha256: sha256('top') }]);
  assert.deepEqual(manifest.parameters, { label: 'top' });
  assert.equal(manifest.booking, 'specialization');
  assert.equal(manifest.cost.flops, 1);
  assert.deepEqual(Object.keys(manifest.upstream), [manifest.inputs.base]);
  const written: unknown = JSON.parse(readFileSync(join(directory, 'artifact.json'), 'utf8'));
  assert.deepEqual(written, JSON.parse(JSON.stringify(manifest)));
});

test('finds a missing file, a changed small file, a missing, unreadable or foreign manifest', async (t) => {
  const { store, run } = bench(t);
  const { directory, fingerprint: id } = await run(stage('one'));
  const other = await run(stage('two'));
  const [file, manifest] = [join(directory, 'label.txt'), join(directory, 'artifact.json')];
  const whole = readFileSync(manifest, 'utf8');
  const expect = (pattern: RegExp) =>
    assert.rejects(
      store.open(id),
      (error) => error instanceof CorruptionError && pattern.test(error.message),
    );

  writeFileSync(file, 'onE');
  await expect(/contents of label\.txt changed/);
  rmSync(file);
  await expect(/label\.txt is missing/);
  writeFileSync(file, 'one');
  assert.ok(await store.open(id));
  writeFileSync(manifest, whole.slice(0, 50));
  await expect(/artifact\.json cannot be read/);
  writeFileSync(manifest, readFileSync(join(other.directory, 'artifact.json')));
  await expect(/belongs to/);
  rmSync(manifest);
  await expect(/artifact\.json is missing/);
  rmSync(directory, { recursive: true });
  assert.equal(await store.open(id), undefined);
});

test('a changed byte in a large file is found by verify', async (t) => {
  const { store, run } = bench(t);
  const bytes = Buffer.alloc(1_000_000, 7);
  const large = stage('large', {
    run: async ({ directory }) => writeFileSync(join(directory, 'w.bin'), bytes),
  });
  const { directory, fingerprint: id } = await run(large);
  bytes[500_000] = 8;
  writeFileSync(join(directory, 'w.bin'), bytes);
  await assert.rejects(store.verify(id), /contents of w\.bin changed/);
});

test('refuses links in an artifact', async (t) => {
  const { store, run } = bench(t);
  const linking = stage('linking', {
    run: async ({ directory }) => symlinkSync('/', join(directory, 'link')),
  });
  await assert.rejects(run(linking), /is a link or a device/);
  assert.deepEqual(await store.list(), []);
});

test('explains an artifact by a prefix, with inputs that are gone, and refuses unknown and ambiguous ones', async (t) => {
  const { store, run } = bench(t);
  await assert.rejects(why(store, 'abc'), InputError);
  const base = await run(stage('base'));
  const top = await run(stage('top', { inputs: { base: stage('base') } }));
  for (let i = 0; i < 16; i++) await run(stage(`more ${i}`));
  const firstDigits = readdirSync(join(store.storage, 'artifacts')).map((name) => name[0]);
  const shared = firstDigits.find((digit, i) => firstDigits.indexOf(digit) !== i);
  await assert.rejects(why(store, shared ?? ''), /is the beginning of \d+ fingerprints/);

  const tree = await why(store, top.fingerprint.slice(0, 12).toUpperCase());
  assert.ok(tree.state === 'there' && tree.inputs.base.state === 'there');
  assert.deepEqual([tree.label, tree.inputs.base.label, tree.inputs.base.cost.flops], ['top', 'base', 1]);
  rmSync(base.directory, { recursive: true });
  const later = await why(store, top.fingerprint);
  assert.ok(later.state === 'there' && later.inputs.base.state === 'gone');
  assert.equal(later.inputs.base.cost?.flops, 1);
});
