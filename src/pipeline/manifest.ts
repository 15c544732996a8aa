/**
 * `artifact.json`, the last file that is written into an artifact: what it is, what made it, what that cost, and
 * each file's size and SHA-256. The costs of everything upstream are copied in, so that what a model cost is known
 * even after its inputs were cleaned away.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CorruptionError, systemErrorCode } from '../common/errors.ts';
import { sha256 } from '../common/hash.ts';
import type { Json } from '../common/json.ts';
import { costSchema } from './cost.ts';
import { hashFile } from './folder.ts';

export const MANIFEST = 'artifact.json';

export const jsonSchema: z.ZodType<Json> = z.json();

/** What a stage is, without its code; also `stage.json` in a work folder. */
export const stageDescriptionSchema = z.object({
  fingerprint: z.string(),
  kind: z.string(),
  label: z.string(),
  subject: z.string(),
  version: z.number(),
  parameters: jsonSchema,
  places: jsonSchema,
  /** Fingerprints by role. */
  inputs: z.record(z.string(), z.string()),
  booking: z.enum(['generic', 'specialization']),
});
export type StageDescription = z.infer<typeof stageDescriptionSchema>;
/** What an artifact says of its stage: where its text was found is of no use to who reads it. */
export type ArtifactDescription = Omit<StageDescription, 'places'>;

const fileFactsSchema = z.object({ path: z.string(), bytes: z.number(), sha256: z.string() });
export type FileFacts = z.infer<typeof fileFactsSchema>;

const manifestSchema = stageDescriptionSchema.omit({ places: true }).extend({
  format: z.literal(1),
  cost: costSchema,
  /** What each stage upstream cost, by fingerprint. */
  upstream: z.record(z.string(), costSchema),
  /** ISO 8601, UTC. */
  created: z.string(),
  files: z.array(fileFactsSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Files up to this size are checked by content whenever an artifact is opened: reading them costs nothing. */
const CHEAP_BYTES = 256 * 1024;

/** Reads a manifest; `undefined` when the folder is not there. Throws CorruptionError. */
export async function readManifest(folder: string, fingerprint: string): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST), 'utf8');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    if (await isThere(folder)) throw damaged(folder, `${MANIFEST} is missing`, error);
    return undefined;
  }
  const manifest = parseManifest(folder, text);
  if (manifest.fingerprint !== fingerprint) {
    throw damaged(folder, `${MANIFEST} belongs to ${manifest.fingerprint}`);
  }
  return manifest;
}

/** Compares files with their manifest: sizes always, contents of all or of the small ones. Throws CorruptionError. */
export async function checkFiles(
  folder: string,
  manifest: Manifest,
  contents: 'all' | 'small',
): Promise<void> {
  await Promise.all(manifest.files.map((file) => checkFile(folder, file, contents)));
}

async function checkFile(
  folder: string,
  { path: name, bytes, sha256: expected }: FileFacts,
  contents: 'all' | 'small',
): Promise<void> {
  const path = join(folder, name);
  const found = await sizeIfThere(path);
  if (found === undefined) throw damaged(folder, `${name} is missing`);
  if (found !== bytes) throw damaged(folder, `${name} has ${found} bytes instead of ${bytes}`);
  if (contents === 'small' && bytes > CHEAP_BYTES) return;
  const hash = bytes > CHEAP_BYTES ? await hashFile(path) : sha256(await readFile(path));
  if (hash !== expected) throw damaged(folder, `the contents of ${name} changed`);
}

function parseManifest(folder: string, text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(folder, `${MANIFEST} cannot be read`, error);
  }
}

function damaged(folder: string, what: string, cause?: unknown): CorruptionError {
  return new CorruptionError(
    `The artifact ${folder} is damaged: ${what}.`,
    'Run the same command again: the damaged artifact is moved aside and computed anew.',
    cause,
  );
}

async function sizeIfThere(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await sizeIfThere(path)) !== undefined;
}
