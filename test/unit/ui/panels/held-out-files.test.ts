/** Which file on disk a held-out document is. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileOf } from '../../../../src/ui/panels/held-out-files.ts';

test('of several sources with a file of one name it is the one that the passage stands in', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-files-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const sources = ['first', 'second'].map((name) => ({ path: join(folder, name) }));
  for (const { path } of sources) {
    await mkdir(path);
    await writeFile(join(path, 'README.md'), `The text of ${path}.`);
  }
  const [first, second] = sources.map(({ path }) => join(path, 'README.md'));
  assert.equal(await fileOf('README.md', sources, `text of ${sources[1].path}`), second);
  assert.equal(await fileOf('README.md', sources, `text of ${sources[0].path}`), first);
  assert.equal(await fileOf('README.md', sources, 'what stood there before'), first);
  assert.equal(await fileOf('README.md', sources), first);
  assert.equal(await fileOf('gone.md', sources, 'text'), undefined);
});
