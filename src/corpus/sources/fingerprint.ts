/**
 * A corpus fingerprint: tells a pipeline stage whether anything changed, without reading what did not. Files count by
 * content, so that a fresh checkout of the same text is the same corpus; a cache remembers the hash of each file
 * with its stamp: size, times and inode. Without a cache the stamp stands for the content. Labels count by what they say
 * of the files of this corpus: a label elsewhere changes nothing here.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { dirname, relative } from 'node:path';
import * as z from 'zod';
import { systemErrorCode } from '../../common/errors.ts';
import { readTextIfThere, requireWritable, writeFileAtomic } from '../../common/files.ts';
import { hashJson } from '../../common/hash.ts';
import { throwIfStopped } from '../../common/interruption.ts';
import type { Json } from '../../common/json.ts';
import { labelFile } from '../documents/corpus-file.ts';
import { storeVersion } from '../documents/document-store.ts';
import { SkipTally } from '../documents/report.ts';
import { LabelRules, labelsRoot } from '../labels/label-rules.ts';
import { lostWithFiles } from '../labels/lost-passages.ts';
import { placingVersion } from '../labels/passages.ts';
import { limits } from '../reading/cleaning.ts';
import {
  type FileStamp,
  type FoundFile,
  isOnlyTold,
  isUnchanged,
  type NotRead,
  stampOf,
} from './found-file.ts';
import { noText } from './no-text.ts';
import { listFiles } from './sources.ts';
import type { CorpusSpecification } from './specification.ts';

export interface FingerprintOptions {
  /** Where hashes of files are remembered between calls; made if need be. */
  readonly cacheFile?: string;
  readonly signal?: AbortSignal;
}

/** Everything that decides what `indexCorpus` leaves, as a small JSON value. Without any file an `InputError`. */
export async function corpusFingerprint(
  specification: CorpusSpecification,
  { cacheFile, signal }: FingerprintOptions = {},
): Promise<Json> {
  const { sources, role, split } = specification;
  const { files, notRead } = await listFiles(sources, signal);
  if (files.length === 0) throw noText(specification, tally(notRead).list());
  const cache = cacheFile === undefined ? undefined : await ContentCache.open(cacheFile);
  const rules = await LabelRules.load(specification);
  const digests: Hash[] = sources.map(() => createHash('sha256'));
  for (const file of files) {
    throwIfStopped(signal);
    const content = cache === undefined ? Object.values(stampOf(file)).join(' ') : await cache.hashOf(file);
    const { label, standing, passages } = labelFile(file, rules, sources[file.source]);
    const placing = passages.length > 0 ? [placingVersion] : [];
    const parts = [file.path, file.format, content, label, standing, passages, ...placing];
    digests[file.source].update(`${JSON.stringify(parts)}\n`);
  }
  await cache?.save();
  const found = new Set(files.map((file) => file.absolute));
  return {
    version: storeVersion,
    limits,
    role,
    split: { validation: split.validation, heldout: split.heldout },
    sources: sources.map((source, i) => ({
      files: digests[i].digest('hex'),
      textField: source.textField ?? 'text',
    })),
    notRead: hashJson(notRead.filter((one) => !isOnlyTold(one)).map(({ path, reason }) => [path, reason])),
    lostPassages: lostPassages(rules, specification, found),
  };
}

/** Labelled passages that should be in this corpus and whose files are gone: the index tells of them. */
function lostPassages(
  rules: LabelRules,
  specification: CorpusSpecification,
  found: ReadonlySet<string>,
): Json {
  const { labelsFile } = specification;
  if (labelsFile === undefined) return [];
  const lost = lostWithFiles(rules, specification, (path) => found.has(path));
  return lost.map(({ absolute, label, quote }) => [relative(labelsRoot(labelsFile), absolute), label, quote]);
}

function tally(notRead: readonly NotRead[]): SkipTally {
  const skips = new SkipTally();
  for (const { path, reason } of notRead) skips.add(reason, path, [], 1);
  return skips;
}

const cacheSchema = z.object({
  version: z.literal(2),
  files: z.record(
    z.string(),
    z.object({
      size: z.number(),
      mtimeMs: z.number(),
      ctimeMs: z.number(),
      ino: z.number(),
      hash: z.string(),
    }),
  ),
});

type HashedFile = FileStamp & { readonly hash: string };

/** Content hashes of files by absolute path and stamp. */
class ContentCache {
  readonly #path: string;
  readonly #old: ReadonlyMap<string, HashedFile>;
  readonly #used = new Map<string, HashedFile>();
  #changed = false;

  private constructor(path: string, old: ReadonlyMap<string, HashedFile>) {
    this.#path = path;
    this.#old = old;
  }

  /** A cache that is damaged counts as empty: it holds nothing that cannot be computed again. */
  static async open(path: string): Promise<ContentCache> {
    const text = await readTextIfThere(path);
    const parsed = text === undefined ? undefined : cacheSchema.safeParse(parseOrNull(text));
    return new ContentCache(path, new Map(parsed?.success ? Object.entries(parsed.data.files) : []));
  }

  async hashOf(file: FoundFile): Promise<string> {
    const old = this.#old.get(file.absolute);
    if (old !== undefined && isUnchanged(old, file)) {
      this.#used.set(file.absolute, old);
      return old.hash;
    }
    const hash = await hashFile(file.absolute);
    // A file that may be read again later keeps its size and time.
    if (hash === undefined) return 'unreadable';
    this.#used.set(file.absolute, { ...stampOf(file), hash });
    this.#changed = true;
    return hash;
  }

  /** Hashes of files that this corpus does not have are kept: another corpus may share the cache. */
  async save(): Promise<void> {
    if (!this.#changed) return;
    const files = Object.fromEntries([...this.#old, ...this.#used]);
    await requireWritable(dirname(this.#path));
    await writeFileAtomic(this.#path, JSON.stringify({ version: 2, files }));
  }
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `undefined` for a file that cannot be read: `indexCorpus` skips it. */
async function hashFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
  return hash.digest('hex');
}
