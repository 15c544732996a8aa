/** Held-out files that the Perplexity panel, which is open, lists: how one is opened. */
import { until } from '../../support/waiting.ts';
import type { Workbench } from './workbench.ts';

/** The first file listed opens at its hardest passage, which is marked until the cursor is moved. */
export async function opensAtHardestPassage(workbench: Workbench): Promise<void> {
  const panel = await workbench.webview('.figure h2', 'Which files does the model find hard?');
  await panel.locator('.documents tbody button').first().click();
  const marks = workbench.page.locator('.monaco-editor .view-overlays [class*="ced-"]');
  await until('the passage is marked', async () => (await marks.count()) > 0);
  await workbench.page.locator('.monaco-editor .view-line').first().click();
  await workbench.page.keyboard.press('ArrowDown');
  await until('it is not marked any more', async () => (await marks.count()) === 0);
}
