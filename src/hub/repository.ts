/**
 * What the Hugging Face hub tells of a model before anything of it is fetched: its licence, its files, their sizes and
 * hashes, all of one commit. Only who has the user's yes may call this: every function here uses the network.
 */
import { createHash, type Hash } from 'node:crypto';
import { fileDownloadInfo, listFiles, modelInfo } from '@huggingface/hub';
import * as z from 'zod';
import { CorruptionError, InputError } from '../common/errors.ts';
import { requireModelId } from './names.ts';
import { explainHubError, gated } from './refusals.ts';

export interface HubAccess {
  /** `<owner>/<name>`. */
  readonly id: string;
  /** Another address of the hub, such as that of a mirror. */
  readonly hubUrl?: string;
  readonly signal: AbortSignal;
}

/** The hash that the hub keeps: SHA-256 of what lies in its large-file storage, else Git's own of a blob. */
export interface ContentHash {
  readonly kind: 'sha256' | 'git';
  readonly hex: string;
}

export interface HubFile {
  /** In the repository, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly hash: ContentHash;
}

export interface HubModel {
  readonly id: string;
  readonly commit: string;
  /** As the model card states it. */
  readonly licence: string | undefined;
  readonly files: readonly HubFile[];
}

const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  gated: z.union([z.boolean(), z.string()]).optional(),
  cardData: z
    .looseObject({
      license: z.union([z.string(), z.array(z.string())]).nullish(),
      license_name: z.string().nullish(),
    })
    .nullish(),
});
const fileSchema = z.object({
  path: z.string(),
  size: z.int().nonnegative(),
  oid: z.string().regex(/^[0-9a-f]{40}$/),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() }).optional(),
});

/** Throws `InputError` when the model is not there or not given to everybody, `ResourceError` when the hub cannot be asked. */
export async function lookUp(access: HubAccess): Promise<HubModel> {
  const { id, hubUrl } = access;
  requireModelId(id);
  const call = { ...(hubUrl !== undefined && { hubUrl }), fetch: fetchOf(access) };
  try {
    const answer = await modelInfo({ ...call, name: id, additionalFields: ['sha', 'cardData'] });
    const { sha: commit, gated: terms, cardData } = infoSchema.parse(answer);
    if (terms !== undefined && terms !== false) throw gated(id);
    const files: HubFile[] = [];
    const repo = { type: 'model' as const, name: id };
    for await (const entry of listFiles({ ...call, repo, revision: commit, recursive: true })) {
      if (entry.type === 'file') files.push(fileOf(fileSchema.parse(entry)));
    }
    return { id, commit, licence: licenceOf(cardData), files };
  } catch (error) {
    throw explainHubError(error, access);
  }
}

function fileOf({ path, size, oid, lfs }: z.infer<typeof fileSchema>): HubFile {
  return lfs === undefined
    ? { path, bytes: size, hash: { kind: 'git', hex: oid } }
    : { path, bytes: lfs.size, hash: { kind: 'sha256', hex: lfs.oid } };
}

/** A licence of its own has the name "other", and its real one beside it. */
function licenceOf(card: z.infer<typeof infoSchema>['cardData']): string | undefined {
  const named = card?.license_name ?? [card?.license ?? []].flat().join(', ');
  return named === '' ? undefined : named;
}

/** The content of a file from a byte on; a hub that does not give parts answers with the whole. */
export async function openFile(
  access: HubAccess,
  { id, commit }: HubModel,
  { path }: HubFile,
  from: number,
): Promise<{ readonly isWhole: boolean; readonly body: AsyncIterable<Uint8Array> }> {
  const { hubUrl } = access;
  const fetch = fetchOf(access);
  const repo = { type: 'model' as const, name: id };
  const call = { ...(hubUrl !== undefined && { hubUrl }), repo, revision: commit, path, fetch };
  const info = await fileDownloadInfo(call);
  if (info === null)
    throw new InputError(`${id} has no file ${path} any more.`, 'Look at its page on the hub.');
  const headers = { 'Accept-Encoding': 'identity', ...(from > 0 && { Range: `bytes=${from}-` }) };
  const response = await fetch(info.url, { headers });
  const isWhole = response.status === 200;
  const isPart =
    response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${from}-`);
  if (response.body === null || !(isWhole || isPart))
    throw new Error(`an answer with status ${response.status}`);
  return { isWhole, body: response.body };
}

/** A small file as text; what is longer than its size, or has another hash, is refused. */
export async function readSmallFile(access: HubAccess, model: HubModel, file: HubFile): Promise<string> {
  const { id } = model;
  if (file.bytes > MOST_SMALL_BYTES) {
    throw new InputError(
      `${file.path} of ${id} is too large to be what its name says.`,
      'Use another model.',
    );
  }
  try {
    const pieces: Uint8Array[] = [];
    const hash = hasherOf(file);
    let bytes = 0;
    for await (const piece of (await openFile(access, model, file, 0)).body) {
      bytes += piece.byteLength;
      if (bytes > file.bytes) break;
      hash.update(piece);
      pieces.push(piece);
    }
    if (bytes !== file.bytes || hash.digest('hex') !== file.hash.hex) throw otherContent(id, file);
    return Buffer.concat(pieces).toString('utf8');
  } catch (error) {
    throw explainHubError(error, access);
  }
}

const MOST_SMALL_BYTES = 2 ** 24;

/** A hash to be fed with the whole content. */
export function hasherOf({ hash: { kind }, bytes }: HubFile): Hash {
  return kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`);
}

export function otherContent(id: string, { path }: HubFile): CorruptionError {
  return new CorruptionError(
    `${path} of ${id} arrived with other content than the hub’s hash tells; it is not kept.`,
    'Run the same command again: it is fetched anew.',
  );
}

function fetchOf({ signal }: HubAccess): typeof fetch {
  return (input, init) => fetch(input, { ...init, signal });
}

/** Throws `InputError` when the model has no such file. */
export function requireFile(model: HubModel, path: string): HubFile {
  const file = namedFile(model, path);
  if (file !== undefined) return file;
  throw new InputError(
    `${model.id} has no file ${path}.`,
    'Use a model that has one; its page on the hub lists its files.',
  );
}

export function namedFile({ files }: HubModel, path: string): HubFile | undefined {
  return files.find((file) => file.path === path);
}
