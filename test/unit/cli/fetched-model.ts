/** Fetching from the hub of the test's own, in this process, with the user's answers made up. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { model } from '../../../src/cli/model.ts';
import type { ParlanceError } from '../../../src/common/errors.ts';
import { HUB_MODEL, type HubServer } from '../../support/hub-server.ts';

export const WANTED = [
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
];
export const WEIGHTS = 300_000;

export async function place(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'parlance-model-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  return join(root, 'model');
}

/** Fetches with a yes to the first questions, and a no to the next. What the program shows is given back. */
export async function fetched(hub: HubServer, folder: string, yeses = 2): Promise<string> {
  let shown = '';
  let asked = 0;
  const { write } = process.stdout;
  process.stdout.write = (piece: string | Uint8Array) => {
    shown += piece;
    return true;
  };
  try {
    await model(HUB_MODEL, folder, { hub: hub.url }, async (question) => {
      shown += `${question}\n`;
      return ++asked <= yeses;
    });
  } finally {
    process.stdout.write = write;
  }
  return shown;
}

export async function refusal(
  hub: HubServer,
  folder: string,
  kind: new (...values: never[]) => ParlanceError,
): Promise<string> {
  const error = await fetched(hub, folder).then(
    () => assert.fail('nothing was refused'),
    (failure: unknown) => failure,
  );
  assert.ok(error instanceof kind, String(error));
  return `${error.message} ${error.hint}`;
}

export async function assertFetched(hub: HubServer, folder: string): Promise<void> {
  assert.deepEqual((await readdir(folder)).sort(), WANTED);
  for (const name of WANTED) assert.deepEqual(await readFile(join(folder, name)), hub.files.get(name));
  await assert.rejects(stat(`${folder}.part`), { code: 'ENOENT' });
}
