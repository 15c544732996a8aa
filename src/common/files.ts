/**
 * Writing whole or not at all. A file or folder is first made under a temporary name beside its place,
 * flushed, and then renamed: a reader sees the old or the new one, never a part.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import {
  access,
  constants,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { InputError, ParlanceError, ResourceError, systemErrorCode } from './errors.ts';

/** Turns the system errors that a user can mend (disk full, no permission) into a `ResourceError`. */
export function explainWriteError(error: unknown, path: string): unknown {
  if (error instanceof ParlanceError) return error;
  const code = systemErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ResourceError(
      `The disk is full: ${path} was not written; what was there before is unchanged.`,
      'Free some space (parlance clean shows what can go), then do it again; a run resumes.',
      error,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    const why = code === 'EROFS' ? 'its file system is read-only' : 'no permission';
    return new ResourceError(
      `${path} could not be written: ${why}.`,
      'Make its folder writable. All that a run writes can be kept elsewhere: parlance run --storage <folder>.',
      error,
    );
  }
  return error;
}

/** A fresh name beside `path`, on the same file system, so that a rename to `path` is atomic. */
function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Writes a file whole or not at all; its folder is made if need be, the one above that must be there. */
export function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  return writeAtomic(path, (file) => file.writeFile(data));
}

/** As `writeFileAtomic`, for a file that people keep: where it is a link the file behind it is written, and the link stays. */
export async function writeUserFile(path: string, text: string): Promise<void> {
  const isLink = await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
  await writeFileAtomic(isLink ? await realpath(path).catch(() => path) : path, text);
}

/** As `writeFileAtomic`, for content that is written piece by piece. */
export async function writeAtomic(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    makeFolderIn(dirname(dirname(path)), dirname(path));
    const file = await open(temporary, 'wx');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw explainWriteError(error, path);
  }
}

/**
 * Makes a folder below `root` if need be, and those between them. What was moved away while a process works in it is not
 * made again: throws ResourceError when `root` is not there.
 */
export function makeFolderIn(root: string, path: string): void {
  let folder = root;
  for (const name of relative(root, path).split(sep)) {
    folder = join(folder, name);
    // Of a drive's own folder a system may say anything but that it is there.
    if (existsSync(folder)) continue;
    try {
      mkdirSync(folder);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === 'ENOENT') {
        throw new ResourceError(
          `The folder ${dirname(folder)} is not there: nothing was written to ${path}.`,
          'When it was moved or removed meanwhile, go on where it is now, or begin anew.',
          error,
        );
      }
      if (code !== 'EEXIST') throw explainWriteError(error, path);
    }
  }
}

/** Makes a folder if need be; throws at once what writing into it later would. */
export async function requireWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw explainWriteError(error, folder);
    throw new ResourceError(
      `The folder ${folder} cannot be made: a file is in its place.`,
      'Move that file away.',
      error,
    );
  }
}

/** The text of a file, or `undefined` when there is none. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * As `readTextIfThere`, for a file of others, which may be anything.
 * @throws InputError when it is larger than such a file can be, or no file.
 */
export async function readBoundedText(path: string, mostBytes: number): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new InputError(`${path} is not a file.`, 'Check the path.');
    if (found.size > mostBytes) {
      throw new InputError(
        `${path} has ${found.size} bytes; such a file has at most ${mostBytes}.`,
        'Check that it is the file you meant.',
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
