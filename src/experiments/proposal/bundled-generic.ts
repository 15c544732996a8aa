/** The generic text that comes with Parlance, for a folder that has none: offered by the wizard, copied when chosen. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { explainWriteError } from '../../common/files.ts';
import type { Choices } from './propose.ts';
import { type TextPlace, workspaceFacts } from './workspace-facts.ts';

const NAMES = ['generic', 'parlance-generic'];

export interface BundledGeneric {
  /** Where it will be in the folder. */
  readonly place: TextPlace;
  /** Where it is now. */
  readonly from: string;
  /** Puts it there whole or not at all, with its licences beside the labels. */
  copy(): Promise<void>;
}

/** The sample workspace of an installation: in the package, or beside the sources of a checkout; `undefined` where there is none. */
export function sampleWorkspace(installation: string): string | undefined {
  const places = [
    ['dist', 'sample', 'workspace'],
    ['samples', '.assembled', 'workspace'],
  ].map((parts) => join(installation, ...parts));
  return places.find((place) => existsSync(place));
}

/** `sample`: the folder of the sample workspace. `undefined` where this installation has none, or the folder has files of its names. */
export async function bundledGeneric(
  sample: string | undefined,
  folder: string,
): Promise<BundledGeneric | undefined> {
  const target = NAMES.find((name) => !existsSync(join(folder, name)));
  if (sample === undefined || target === undefined) return undefined;
  const from = join(sample, 'generic');
  const { files, bytes } = await workspaceFacts(from);
  return {
    place: { path: target, files, bytes },
    from,
    copy: async () => {
      await copyFolder(from, join(folder, target));
      await mkdir(join(folder, '.parlance'), { recursive: true });
      await cp(join(sample, 'LICENSES.md'), join(folder, '.parlance', 'LICENSES-generic.md'));
    },
  };
}

/** The text that comes with Parlance, when it is the generic text that was chosen. */
export function chosenBundle(
  { generic }: Pick<Choices, 'generic'>,
  bundled: BundledGeneric | undefined,
): BundledGeneric | undefined {
  const isBundled = generic?.path === bundled?.place.path && generic?.sources === undefined;
  return isBundled ? bundled : undefined;
}

async function copyFolder(from: string, to: string): Promise<void> {
  const temporary = `${to}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await cp(from, temporary, { recursive: true });
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw explainWriteError(error, to);
  }
}
