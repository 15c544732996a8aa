/** A story is told in one window, step by step; of a step that fails a picture is kept. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { root } from '../../../scripts/setup.mjs';
import type { Workbench } from './workbench.ts';

const pictures = join(root, 'test', 'e2e', '.failures');

/** Runs the steps in order; after the first that fails none makes sense. */
export async function tell(
  t: TestContext,
  workbench: Workbench,
  steps: Readonly<Record<string, () => Promise<void>>>,
): Promise<void> {
  let failed: string | undefined;
  for (const [name, step] of Object.entries(steps)) {
    await t.test(name, async (inner) => {
      if (failed !== undefined) return inner.skip(`after "${failed}" failed`);
      try {
        await step();
      } catch (error) {
        failed = name;
        await workbench.screenshot(pictures, name.replace(/\W+/g, '-'));
        console.error(`a picture is in ${pictures}; the server said:\n${workbench.server.log()}`);
        throw error;
      }
    });
  }
}
