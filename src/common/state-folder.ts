/** Where programs keep what belongs to this machine and its user, and to no project. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export function stateFolder(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return join(LOCALAPPDATA ?? homedir(), 'Parlance');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Parlance');
  return join(XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'parlance');
}
