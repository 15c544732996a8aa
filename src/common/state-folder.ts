/** Where programs keep what belongs to this machine and its user, and to no project. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export function stateFolder(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return join(absolute(LOCALAPPDATA) ?? homedir(), 'Parlance');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Parlance');
  return join(absolute(XDG_STATE_HOME) ?? join(homedir(), '.local', 'state'), 'parlance');
}

/** One that is empty or relative counts as not set, as freedesktop.org has it: it would lie in whatever folder is current. */
const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined;
