import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { fetchTensorFlow, tensorFlowFolder } from '../../../src/engines/tensorflow/folder.ts';

test('npm installs into the folder that it is started in, and no path is among its words', async (t) => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'parlance-npm-')));
  const own = { ...process.env };
  t.after(async () => {
    process.env = own;
    await rm(root, { recursive: true });
  });
  const asked = join(root, 'asked');
  await writeFile(join(root, 'npm'), `#!/bin/sh\nprintf '%s\\n' "$PWD" "$@" > '${asked}'\n`);
  await chmod(join(root, 'npm'), 0o755);
  process.env = {
    ...own,
    PATH: `${root}${delimiter}${own.PATH}`,
    XDG_STATE_HOME: join(root, 'a user'),
    HOME: join(root, 'a user'),
  };
  const folder = await fetchTensorFlow();
  const [place, ...words] = (await readFile(asked, 'utf8')).trimEnd().split('\n');
  assert.equal(place, folder);
  assert.match(folder, / /);
  assert.deepEqual(
    words.filter((word) => / /.test(word)),
    [],
  );
  assert.deepEqual(words.slice(0, 3), ['install', '--prefix', '.']);
  assert.equal(await tensorFlowFolder(), folder);
});
