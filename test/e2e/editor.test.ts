/** The tests of `test/editor`, in the extension host of a real window, on the packaged extension. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { buildEditorTests, runInEditor } from './workbench/in-editor.ts';
import { packagedExtension } from './workbench/packaged.ts';
import type { ServerOptions } from './workbench/server.ts';
import { Workbench } from './workbench/workbench.ts';
import { microExperiment, TemporaryFolder } from './workbench/workspace.ts';

const folders = new TemporaryFolder();
const brokenLabels =
  '{\n  "version": 1,\n  "labels": [\n<<<<<<< HEAD\n    {"path":"docs/npm-ls.md","label":"generic"}\n  ]\n}\n';

before(buildEditorTests);
after(() => folders.remove());

/** Each test of the suite becomes one here. */
async function runSuite(t: TestContext, folder: string, options: ServerOptions = {}): Promise<void> {
  const workbench = await Workbench.start({ vsix: packagedExtension(), testDriver: true, ...options });
  t.after(() => workbench.close());
  const outcomes = await runInEditor(workbench, folder);
  assert.ok(outcomes.length > 0);
  for (const { title, failure } of outcomes) {
    await t.test(title, () => assert.ok(failure === undefined, failure));
  }
}

test('in a folder without an experiment', async (t) => {
  folders.write({ 'activation/notes.md': 'Notes.\n' });
  await runSuite(t, join(folders.path, 'activation'));
});

test('in a folder with an experiment', async (t) => {
  await runSuite(t, folders.workspace('labelling', microExperiment));
});

test('in a folder with broken files', async (t) => {
  const { tokenizer, ...tokenizerless } = microExperiment;
  const folder = folders.workspace('broken', { ...tokenizerless, tokenizr: tokenizer });
  folders.write({ 'broken/.parlance/labels.json': brokenLabels });
  await runSuite(t, folder);
});

test('in a folder that is not trusted', async (t) => {
  await runSuite(t, folders.workspace('untrusted', microExperiment), { trusted: false });
});
