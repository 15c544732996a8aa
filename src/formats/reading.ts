/** Files of models are opened and read piece by piece: they may be larger than the memory. */
import { type FileHandle, open } from 'node:fs/promises';
import { InputError, systemErrorCode } from '../common/errors.ts';

/** No system reads 2 GiB at once. */
const MOST_READ = 2 ** 30;

/** Throws InputError when there is no such file. */
export async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw new InputError(`There is no file ${path}.`, 'Check the path of the model.', error);
  }
}

/** Bytes at the start of a buffer of their own; throws what `shortened` makes when the file ends before them. */
export async function readExactly(
  file: FileHandle,
  position: number,
  length: number,
  shortened: () => Error,
): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(target, done, Math.min(length - done, MOST_READ), position + done);
    if (bytesRead === 0) throw shortened();
    done += bytesRead;
  }
  return target;
}
