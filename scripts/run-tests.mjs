/** Runs Node.js programs and files of tests, for `npm test`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ status: number, output: string }} Ended
 * @typedef {boolean | ((text: string) => void)} Show at once, or by what is given; else the caller has to
 */

/** Of one file of tests. It only ends a hang: no test fails because a machine is slow or busy. */
const hangMs = 60 * 60_000;

/** Where scripts/build-tests.mjs puts what it bundles. */
export const bundles = join(root, 'test', '.built');

/**
 * The bundle of a source.
 * @param {string} source its absolute path
 */
export function bundleOf(source) {
  return join(bundles, relative(root, source).replace(/\.ts$/, '.mjs'));
}

/**
 * Runs files of tests with node:test, each in a process of its own.
 * @param {string[]} files
 * @param {number} concurrency files at a time
 * @param {Show} [show]
 * @returns {Promise<Counts>}
 */
export async function runTests(files, concurrency, show) {
  const options = [
    '--enable-source-maps',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${concurrency}`,
  ];
  const { status, output } = await runNode([...options, `--test-timeout=${hangMs}`, ...files], { show });
  const failed = counted(output, 'fail') + counted(output, 'cancelled');
  return {
    passed: counted(output, 'pass'),
    failed: status === 0 ? failed : Math.max(failed, 1),
    skipped: counted(output, 'skipped'),
  };
}

/**
 * Files of tests that share processes, some of a folder in each: starting one for each file took half of the time.
 * @param {readonly string[]} all
 * @returns {string[]} files that load them
 */
export function together(all) {
  /** @type {Map<string, string[]>} */
  const folders = new Map();
  for (const file of all) folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), file]);
  return loaders([...folders.values()].flatMap((files) => inPieces(files, 8)));
}

/**
 * The files whose names are given come first, in that order; node:test alone goes by the alphabet.
 * @param {readonly string[]} all
 * @param {readonly string[]} first
 * @returns {string[]} files that load them
 */
export function inOrder(all, first) {
  const place = (/** @type {string} */ file) => {
    const at = first.indexOf(basename(file).split('.')[0]);
    return at < 0 ? first.length : at;
  };
  return loaders([...all].sort((a, b) => place(a) - place(b)).map((file) => [file]));
}

/**
 * A file for each group, which loads the files of the group; by their names they stand in the order given.
 * @param {readonly (readonly string[])[]} groups
 */
function loaders(groups) {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-tests-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return groups.map((files, i) => {
    const name = relative(join(root, 'test'), files.length === 1 ? files[0] : dirname(files[0]));
    const number = String(i + 1).padStart(3, '0');
    const path = join(folder, `${number}-${name.replaceAll(/\W+/g, '-')}.test.mjs`);
    writeFileSync(
      path,
      files.map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};\n`).join(''),
    );
    return path;
  });
}

/**
 * @template T
 * @param {T[]} items
 * @param {number} size
 * @returns {T[][]}
 */
function inPieces(items, size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/**
 * Files below a folder of tests, listed here because Node.js 20 takes no globs.
 * @param {string} folder
 * @param {string} ending
 * @returns {string[]} absolute paths
 */
export function filesBelow(folder, ending = '.test.ts') {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.includes('node_modules'))
    .map((name) => join(root, folder, name))
    .sort();
}

/**
 * A figure of the test runner's summary, for example of the line `ℹ pass 12`.
 * @param {string} output
 * @param {string} name
 */
function counted(output, name) {
  return Number(output.match(new RegExp(`^ℹ ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
}

/**
 * Runs a Node.js program in the repository.
 * @param {string[]} args
 * @param {{ show?: Show }} [options] what is to happen with what it prints
 * @returns {Promise<Ended>} with what it printed; where it is shown at once, on standard output only
 */
export function runNode(args, { show = true } = {}) {
  const tell = show === true ? (/** @type {string} */ text) => process.stdout.write(text) : show;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', show === true ? 'inherit' : 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (tell) tell(text);
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 1, output }));
  });
}

/** Keeps text until it is its turn to be shown. */
export function inTurn() {
  let kept = '';
  let isOpen = false;
  const write = (/** @type {string} */ text) => {
    if (isOpen) process.stdout.write(text);
    else kept += text;
  };
  const open = () => {
    isOpen = true;
    process.stdout.write(kept);
    kept = '';
  };
  return { write, open };
}
