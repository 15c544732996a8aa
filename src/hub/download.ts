/**
 * Files of a model into a folder that is there whole or not at all. They come into `<folder>.part` beside it, which becomes
 * the folder when all are there and have their hashes. A transfer that was cut off, also by a kill, goes on with the byte
 * where it stopped: the name of an unfinished file holds its hash, so it is never continued with another content.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CorruptionError, InputError, ResourceError } from '../common/errors.ts';
import { explainWriteError, requireWritable } from '../common/files.ts';
import { formatBytes } from '../common/format.ts';
import { explainHubError } from './refusals.ts';
import {
  type HubAccess,
  type HubFile,
  type HubModel,
  hasherOf,
  openFile,
  otherContent,
} from './repository.ts';

export interface Download {
  readonly access: HubAccess;
  readonly model: HubModel;
  readonly files: readonly HubFile[];
  readonly folder: string;
  /** Bytes that are there of all, also of an earlier attempt. */
  onProgress(bytes: number, ofBytes: number): void;
}

/** Nothing is fetched when the folder holds the files already. Throws `InputError` when it holds something else. */
export async function download(request: Download): Promise<void> {
  const { folder, files } = request;
  if (await holdsAll(folder, files)) return;
  await requireFree(folder);
  const staging = `${folder}.part`;
  await requireWritable(staging);
  await requireSpace(staging, files);
  const ofBytes = bytesOf(files);
  let before = 0;
  for (const file of files) {
    await fetchFile(request, file, staging, (bytes) => request.onProgress(before + bytes, ofBytes));
    before += file.bytes;
  }
  await removeOthers(staging, files);
  try {
    await rmdir(folder).catch(() => undefined);
    await rename(staging, folder);
  } catch (error) {
    throw explainWriteError(error, folder);
  }
}

export const bytesOf = (files: readonly HubFile[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

async function holdsAll(folder: string, files: readonly HubFile[]): Promise<boolean> {
  for (const file of files) if (!(await isWhole(join(folder, file.path), file))) return false;
  return true;
}

async function requireFree(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || (found.isDirectory() && (await readdir(folder)).length === 0)) return;
  throw new InputError(
    found.isDirectory() ? `${folder} holds something else than this model.` : `${folder} is no folder.`,
    'Name another folder, or move what is there away.',
  );
}

/** What is missing must fit before anything is fetched. */
async function requireSpace(staging: string, files: readonly HubFile[]): Promise<void> {
  let missing = 0;
  for (const file of files) {
    const there = await sizeOf(join(staging, file.path));
    missing += there === file.bytes ? 0 : file.bytes - (await sizeOf(partialPath(staging, file)));
  }
  const { bavail, bsize } = await statfs(staging);
  if (missing <= bavail * bsize) return;
  throw new ResourceError(
    `The disk is too full: ${formatBytes(missing)} are to be fetched to ${staging}, and ${formatBytes(bavail * bsize)} are free.`,
    'Free some space, or name a folder on another disk.',
  );
}

const partialPath = (staging: string, { path, hash }: HubFile): string =>
  `${join(staging, path)}.${hash.hex.slice(0, 16)}.part`;

async function fetchFile(
  { access, model }: Download,
  file: HubFile,
  staging: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const path = join(staging, file.path);
  if (await isWhole(path, file)) return onBytes(file.bytes);
  const partial = partialPath(staging, file);
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendRest(access, model, file, partial, onBytes);
    await rename(partial, path);
  } catch (error) {
    throw explainWriteError(explainHubError(error, access), path);
  }
}

/** Makes an unfinished file whole. One with another hash is removed, and `CorruptionError` thrown. */
async function appendRest(
  access: HubAccess,
  model: HubModel,
  file: HubFile,
  partial: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const there = await sizeOf(partial);
  let done = there <= file.bytes ? there : 0;
  const handle = await open(partial, done === there ? 'a' : 'w');
  try {
    let hash = hasherOf(file);
    if (done > 0) for await (const piece of createReadStream(partial)) hash.update(piece);
    if (done < file.bytes) {
      const { isWhole: isAnew, body } = await openFile(access, model, file, done);
      if (isAnew && done > 0) {
        await handle.truncate(0);
        hash = hasherOf(file);
        done = 0;
      }
      for await (const piece of body) {
        done += piece.byteLength;
        if (done > file.bytes) break;
        await handle.appendFile(piece);
        hash.update(piece);
        onBytes(done);
      }
    }
    if (done < file.bytes) throw new Error(`${file.path} ended ${file.bytes - done} bytes too early`);
    if (done > file.bytes || hash.digest('hex') !== file.hash.hex) throw otherContent(model.id, file);
    await handle.sync();
  } catch (error) {
    if (error instanceof CorruptionError) await rm(partial, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

async function isWhole(path: string, file: HubFile): Promise<boolean> {
  if ((await sizeOf(path)) !== file.bytes) return false;
  const hash = hasherOf(file);
  try {
    for await (const piece of createReadStream(path)) hash.update(piece);
  } catch {
    return false;
  }
  return hash.digest('hex') === file.hash.hex;
}

/** Bytes of a file; none where there is none. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Files of another commit that an earlier attempt left. */
async function removeOthers(staging: string, files: readonly HubFile[]): Promise<void> {
  const wanted = new Set(files.map(({ path }) => join(staging, path)));
  for (const entry of await readdir(staging, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.has(path)) await rm(path);
  }
}
