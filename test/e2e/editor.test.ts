/** The tests of `test/editor`, in the extension hosts of real windows, on the packaged extension. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Outcome } from '../editor/index.ts';
import { buildEditorTests, runInEditor } from './workbench/in-editor.ts';
import { packagedExtension } from './workbench/packaged.ts';
import { Workbench } from './workbench/workbench.ts';
import { microExperiment, TemporaryFolder } from './workbench/workspace.ts';

const folders = new TemporaryFolder();
let workbench: Workbench;

before(async () => {
  const [started] = await Promise.all([
    Workbench.start({ vsix: packagedExtension(), testDriver: true }),
    buildEditorTests(),
  ]);
  workbench = started;
});
after(async () => {
  await workbench?.close();
  folders.remove();
});

/** Each test of the suite becomes one here. */
async function tell(t: TestContext, outcomes: readonly Outcome[]): Promise<void> {
  assert.ok(outcomes.length > 0);
  for (const { title, failure } of outcomes) {
    await t.test(title, () => assert.ok(failure === undefined, failure));
  }
}

test('in a folder without an experiment', async (t) => {
  folders.write({ 'activation/notes.md': 'Notes.\n' });
  await tell(t, await runInEditor(workbench, join(folders.path, 'activation')));
});

test('in a folder with an experiment', async (t) => {
  await tell(t, await runInEditor(workbench, folders.workspace('labelling', microExperiment)));
});

test('in a folder that is not trusted', async (t) => {
  const untrusting = await Workbench.start({ vsix: packagedExtension(), testDriver: true, trusted: false });
  t.after(() => untrusting.close());
  await tell(t, await runInEditor(untrusting, folders.workspace('untrusted', microExperiment)));
});
