/** Runs Node.js programs and files of tests, for `npm test`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './setup.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ status: number, output: string }} Ended
 */

/** Of one file of tests. It only ends a hang: no test fails because a machine is slow or busy. */
const hangMs = 60 * 60_000;

/**
 * Runs files of tests with node:test, each in a process of its own.
 * @param {string[]} files
 * @param {number} concurrency files at a time
 * @returns {Promise<Counts>}
 */
export async function runTests(files, concurrency) {
  const options = ['--import', 'tsx', '--test', '--test-reporter=spec', `--test-concurrency=${concurrency}`];
  const { status, output } = await runNode([...options, `--test-timeout=${hangMs}`, ...files]);
  const failed = counted(output, 'fail') + counted(output, 'cancelled');
  return {
    passed: counted(output, 'pass'),
    failed: status === 0 ? failed : Math.max(failed, 1),
    skipped: counted(output, 'skipped'),
  };
}

/**
 * Files of tests that share processes, some of a folder in each: starting one for each file took half of the time.
 * @param {string} folder
 * @returns {string[]} files that load them
 */
export function together(folder) {
  /** @type {Map<string, string[]>} */
  const folders = new Map();
  for (const file of testFiles(folder))
    folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), file]);
  const loaders = mkdtempSync(join(tmpdir(), 'parlance-tests-'));
  process.once('exit', () => rmSync(loaders, { recursive: true, force: true }));
  return [...folders].flatMap(([name, files]) =>
    inPieces(files, 8).map((piece, i) => {
      const path = join(loaders, `${name.replaceAll(/\W/g, '-')}-${i + 1}.test.mjs`);
      const imports = piece.map(
        (file) => `import ${JSON.stringify(pathToFileURL(join(root, file)).href)};\n`,
      );
      writeFileSync(path, imports.join(''));
      return path;
    }),
  );
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
 * Every *.test.ts below a folder, listed here because Node.js 20 takes no globs.
 * @param {string} folder
 * @returns {string[]}
 */
export function testFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name))
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
 * @param {{ show?: boolean }} [options] `show`: what it prints is shown at once; else the caller has to
 * @returns {Promise<Ended>} with what it printed; with `show` on standard output only
 */
export function runNode(args, { show = true } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', show ? 'inherit' : 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (show) process.stdout.write(text);
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 1, output }));
  });
}
