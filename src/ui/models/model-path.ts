/** How a model's folder is written into a setting: relative where it lies in the workspace, so that the setting can be shared. Pure. */
import { isAbsolute, join, relative, sep } from 'node:path';
import { slashed } from '../../common/slashes.ts';

/** `workspace`: absolute path of the only folder that is open; `undefined` where there is none, or several. */
export function settingOf(model: string, workspace: string | undefined): string {
  if (workspace === undefined) return model;
  const path = relative(workspace, model);
  const isOutside = path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
  return isOutside ? model : `./${slashed(path)}`;
}

/** The absolute folder that a setting means; `undefined` when it means none. */
export function folderOf(setting: string, workspace: string | undefined): string | undefined {
  const written = setting.trim();
  if (written === '') return undefined;
  if (isAbsolute(written)) return written;
  return workspace === undefined ? undefined : join(workspace, written);
}
