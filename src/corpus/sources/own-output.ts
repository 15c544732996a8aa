/**
 * What Parlance wrote is no text of a corpus: stores, reports, saved and exported models, of this experiment or another, wherever they
 * were put or copied and whatever their folders are called. They are known by a marker that new ones carry and by what
 * the files in them say, which also holds where a marker was lost.
 */
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requireWritable, writeFileAtomic } from '../../common/files.ts';
import {
  CARD_FILE,
  EXPORTED_ENTRIES,
  GENERATION_FILE,
  MODEL_FOLDER_FILES,
} from '../../formats/model-folder.ts';

/** Lies in storage folders. */
export const OUTPUT_MARKER = '.parlance-output';
const MARKER_TEXT = '{"format":1,"holds":"storage"}\n';

/** What a storage holds; whatever else lies beside it is the user's. */
const STORAGE_PARTS = ['artifacts', 'runs', 'work', 'locks', 'quarantine', 'cache'] as const;

const FINGERPRINT = /^[0-9a-f]{64}$/;

/** Files that tell what their folder is, each with the keys that ours have. */
const TELLING_FILES: Readonly<Record<string, readonly string[]>> = {
  'artifact.json': ['format', 'fingerprint', 'kind', 'booking'],
  'stage.json': ['fingerprint', 'kind', 'booking'],
  'run.json': ['format', 'id', 'configuration', 'versions'],
  'report.json': ['format', 'versions', 'configuration', 'corpora'],
  'stopped-early.json': ['format', 'method', 'run', 'fingerprint'],
};

/** Marks a folder as a storage; it is made if need be. */
export async function markStorage(folder: string): Promise<void> {
  const path = join(folder, OUTPUT_MARKER);
  if ((await readFile(path, 'utf8').catch(() => '')) === MARKER_TEXT) return;
  await requireWritable(folder);
  await writeFileAtomic(path, MARKER_TEXT);
}

/** Whether an entry of this name may decide what its folder is. */
export function tellsOfOutput(name: string): boolean {
  return (
    name === OUTPUT_MARKER ||
    Object.hasOwn(TELLING_FILES, name) ||
    EXPORTED_ENTRIES.includes(name) ||
    name === 'artifacts' ||
    name === 'runs'
  );
}

/** Of a folder, given its entries: `all` of it was written by Parlance, or the entries that were. */
export async function ownOutputIn(
  folder: string,
  names: ReadonlySet<string>,
): Promise<'all' | ReadonlySet<string>> {
  for (const [name, keys] of Object.entries(TELLING_FILES)) {
    if (names.has(name) && (await hasKeys(join(folder, name), keys))) return 'all';
  }
  const isModel = MODEL_FOLDER_FILES.every((name) => names.has(name));
  const own = isModel ? [...MODEL_FOLDER_FILES, GENERATION_FILE] : [];
  // By its card: a folder for llama.cpp or transformers.js is no whole model of ours.
  if (names.has(CARD_FILE) && (await endsWithMark(join(folder, CARD_FILE)))) own.push(...EXPORTED_ENTRIES);
  if (names.has(OUTPUT_MARKER) || (await isStorage(folder, names))) own.push(...STORAGE_PARTS);
  return new Set(own);
}

/** A storage without marker: of a version that wrote none, or copied without its hidden files. */
async function isStorage(folder: string, names: ReadonlySet<string>): Promise<boolean> {
  const isOneOf = async (part: string, file: string, isName: (name: string) => boolean): Promise<boolean> => {
    if (!names.has(part)) return false;
    const inner = (await readdir(join(folder, part)).catch(() => [])).find(isName);
    return inner !== undefined && hasKeys(join(folder, part, inner, file), TELLING_FILES[file]);
  };
  return (
    (await isOneOf('artifacts', 'artifact.json', (name) => FINGERPRINT.test(name))) ||
    (await isOneOf('runs', 'run.json', (name) => !name.startsWith('.')))
  );
}

/** How much of a file is looked at: keys stand early, and a report's measurements may be many megabytes. */
const LOOKED_AT_BYTES = 1 << 20;

/** Whether a JSON file begins as an object and has these keys. */
async function hasKeys(path: string, keys: readonly string[]): Promise<boolean> {
  const text = await beginningOf(path);
  return text.trimStart().startsWith('{') && keys.every((key) => text.includes(`"${key}":`));
}

function beginningOf(path: string): Promise<string> {
  return partOf(path, LOOKED_AT_BYTES, () => 0);
}

/** So many bytes of a file from a place that its size gives; nothing of one that cannot be read. */
async function partOf(path: string, bytes: number, from: (size: number) => number): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, from(size));
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return '';
  } finally {
    await file.close();
  }
}

/** The last line of a report and of a model card in Markdown. */
export const MARKDOWN_MARK = '<!-- Parlance report -->';
const TITLE_END = ' – Parlance report</title>';
const TITLE_WITHIN_BYTES = 4096;

async function endsWithMark(path: string): Promise<boolean> {
  const bytes = 2 * MARKDOWN_MARK.length;
  return (await partOf(path, bytes, (size) => Math.max(0, size - bytes))).includes(MARKDOWN_MARK);
}

/** Whether the text of a file is a report that was copied out of its folder. */
export function isReportText(bytes: Buffer): boolean {
  if (bytes.subarray(-2 * MARKDOWN_MARK.length).includes(MARKDOWN_MARK)) return true;
  return bytes.subarray(0, TITLE_WITHIN_BYTES).includes(TITLE_END);
}
