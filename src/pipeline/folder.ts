/** Whole folders: what is in them, how large they are, their checksums, and making sure that they are on the disk. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { GraphError, systemErrorCode } from '../common/errors.ts';

export interface FolderContents {
  /** Relative, with `/`, sorted. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** All files and folders below a folder. Throws GraphError for links and devices: an artifact holds its own bytes. */
export async function listFolder(folder: string): Promise<FolderContents> {
  const files: string[] = [];
  const folders: string[] = [];
  const visit = async (relative: string): Promise<void> => {
    for (const entry of await readdir(join(folder, relative), { withFileTypes: true })) {
      const path = posix.join(relative, entry.name);
      if (entry.isDirectory()) {
        folders.push(path);
        await visit(path);
      } else if (entry.isFile()) {
        files.push(path);
      } else {
        throw new GraphError(`${join(folder, path)} is a link or a device.`, 'A stage may leave only files.');
      }
    }
  };
  await visit('');
  return { files: files.sort(), folders };
}

/** Names of the entries of a folder; none when there is no such folder. */
export async function entriesIfThere(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Bytes in all files below a path; 0 when it is gone, as another process may remove while this one counts. */
export async function measureBytes(path: string): Promise<number> {
  try {
    const facts = await stat(path);
    if (!facts.isDirectory()) return facts.size;
    let total = 0;
    for (const name of await readdir(path)) total += await measureBytes(join(path, name));
    return total;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** SHA-256 of a file of any size, read in pieces. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece);
  return hash.digest('hex');
}

/** Flushes a file to the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes the entries of a folder to the disk; Windows has no such call and does it by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
