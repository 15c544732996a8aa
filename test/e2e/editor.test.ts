/** The tests of `test/editor`, in the extension host of a real window, on the packaged extension. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildEditorTests, runInEditor } from './workbench/in-editor.ts';
import { packagedExtension } from './workbench/packaged.ts';
import { Workbench } from './workbench/workbench.ts';
import { TemporaryFolder } from './workbench/workspace.ts';

const folders = new TemporaryFolder();

before(buildEditorTests);
after(() => folders.remove());

test('in a folder without an experiment', async (t) => {
  folders.write({ 'activation/notes.md': 'Notes.\n' });
  const workbench = await Workbench.start({ vsix: packagedExtension(), testDriver: true });
  t.after(() => workbench.close());
  const outcomes = await runInEditor(workbench, `${folders.path}/activation`);
  assert.ok(outcomes.length > 0);
  for (const { title, failure } of outcomes) {
    await t.test(title, () => assert.ok(failure === undefined, failure));
  }
});
