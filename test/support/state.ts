/** A state folder of a test's own in place of the user's, until the test ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** The variables that a state folder follows from, on all systems. */
const NAMES = ['XDG_STATE_HOME', 'LOCALAPPDATA', 'HOME'];

export async function withStateFolder(t: TestContext): Promise<NodeJS.ProcessEnv> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-state-'));
  const before = { ...process.env };
  const own = Object.fromEntries(NAMES.map((name) => [name, folder]));
  Object.assign(process.env, own);
  t.after(async () => {
    for (const name of NAMES) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    await rm(folder, { recursive: true, force: true });
  });
  return own;
}
