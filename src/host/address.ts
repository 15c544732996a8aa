/** Where a run's host listens: a file in the run's folder that only the user can read. */
import { chmod, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextIfThere } from '../common/files.ts';
import { runFolder } from '../experiments/runs/runs.ts';
import { type Address, addressSchema } from './protocol.ts';

const addressPath = (storage: string, run: string): string => join(runFolder(storage, run), 'host.json');

export async function writeAddress(storage: string, run: string, address: Address): Promise<void> {
  const path = addressPath(storage, run);
  await rm(`${path}.tmp`, { force: true });
  // Private from its first moment on: the mode is given with the creation.
  const file = await open(`${path}.tmp`, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(address));
  } finally {
    await file.close();
  }
  await chmod(`${path}.tmp`, 0o600);
  await rename(`${path}.tmp`, path);
}

/** `undefined` when no host has listened or what it left cannot be read. */
export async function readAddress(storage: string, run: string): Promise<Address | undefined> {
  const text = await readTextIfThere(addressPath(storage, run));
  if (text === undefined) return undefined;
  try {
    return addressSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export async function removeAddress(storage: string, run: string): Promise<void> {
  await rm(addressPath(storage, run), { force: true });
}
