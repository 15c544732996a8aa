/** The checker of accessibility, run inside a page. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Frame, Page } from 'playwright-core';

/**
 * Rules of serious or critical impact that the document breaks, with the elements that break them. Another theme shows the
 * same elements in other colours, so that one theme is held to all rules and the others to those that look at colours.
 */
export async function seriousFaults(
  document: Page | Frame,
  rules: 'all' | 'contrast' = 'all',
): Promise<readonly string[]> {
  const script = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await document.evaluate(await readFile(script, 'utf8'));
  const found: AxeResults = await document.evaluate(
    rules === 'all' ? 'axe.run()' : "axe.run({ runOnly: ['color-contrast', 'link-in-text-block'] })",
  );
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}
