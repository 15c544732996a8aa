/**
 * `npm test`: everything that must hold, phase by phase, all of them even when one fails.
 * `npm test -- unit` (or lint, types, dead-code, build, integration, e2e; several are allowed) runs only these.
 * The exit code is 0 when every phase passed; the last line is `N passed, N failed`, where a check that is not made of
 * tests (lint, types, dead code, build) counts as one.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { provideWorkbench } from '../test/e2e/workbench/setup.mjs';
import { chromiumPath, provideChromium } from './chromium.mjs';
import { root, setUp } from './setup.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ name: string, run: () => Promise<Counts> }} Phase
 */

/** @type {Phase[]} */
const phases = [
  { name: 'lint', run: () => check('@biomejs/biome/bin/biome', ['check', '.']) },
  { name: 'types', run: () => check('typescript/bin/tsc', ['-p', '.']) },
  { name: 'dead-code', run: () => check('knip/bin/knip.js', ['--no-progress', '--no-config-hints']) },
  { name: 'build', run: () => runNode([join(root, 'scripts', 'build.mjs')]).then(asOneCheck) },
  { name: 'unit', run: () => runTests(together('test/unit'), availableParallelism()) },
  // Their models are too small to keep two cores busy; more files at a time would only slow each other.
  {
    name: 'integration',
    run: () => withSample(() => withShared(() => runTests(testFiles('test/integration'), 2))),
  },
  // Each file has an editor of its own, which waits for the page about half of the time.
  { name: 'e2e', run: () => withWorkbench(() => runTests(testFiles('test/e2e'), 2)) },
];

/** Of one file of tests. It only ends a hang: no test fails because a machine is slow or busy. */
const hangMs = 60 * 60_000;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => phases.every((phase) => phase.name !== name));
if (unknown.length > 0) {
  console.error(
    `There is no test phase "${unknown[0]}". Phases: ${phases.map((phase) => phase.name).join(', ')}`,
  );
  process.exit(2);
}

setUp();
const summary = [];
const total = { passed: 0, failed: 0 };
for (const phase of phases.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  console.log(`\n== ${phase.name}`);
  const started = performance.now();
  const counts = await phase.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  summary.push(
    `${phase.name.padEnd(12)} ${counts.passed} passed, ${counts.failed} failed${skipped}, ${seconds} s`,
  );
  total.passed += counts.passed;
  total.failed += counts.failed;
}
console.log(`\n== summary\n${summary.join('\n')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/**
 * Runs a program of a package as one check.
 * @param {string} script path inside node_modules
 * @param {string[]} args
 */
async function check(script, args) {
  return asOneCheck(await runNode([join(root, 'node_modules', script), ...args]));
}

/**
 * @param {{ status: number }} result
 * @returns {Counts}
 */
function asOneCheck({ status }) {
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/**
 * Runs files of tests with node:test, each in a process of its own.
 * @param {string[]} files
 * @param {number} concurrency files at a time
 * @returns {Promise<Counts>}
 */
async function runTests(files, concurrency) {
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
function together(folder) {
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
function testFiles(folder) {
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
 * Assembles the sample first: some integration tests read it.
 * @param {() => Promise<Counts>} tests
 */
async function withSample(tests) {
  const { status } = await runNode([join(root, 'samples', 'assemble.mjs')]);
  return status === 0 ? tests() : asOneCheck({ status });
}

/**
 * With a folder for what several files of tests use: the programs, and experiments that were run to their end.
 * @param {() => Promise<Counts>} tests
 */
async function withShared(tests) {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-shared-'));
  process.env.PARLANCE_TEST_SHARED = folder;
  try {
    return await tests();
  } finally {
    delete process.env.PARLANCE_TEST_SHARED;
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Provides the browser, the editor and the packaged extension first: the end-to-end tests are made with what is shipped.
 * @param {() => Promise<Counts>} tests
 */
async function withWorkbench(tests) {
  if (!provideChromium()) {
    console.error(`The end-to-end tests need Chromium at ${chromiumPath}.`);
    console.error(
      'On Debian or Ubuntu: sudo apt-get install --no-install-recommends chromium fonts-dejavu-core',
    );
    console.error('Elsewhere: install Chromium or Chrome and name its program in the variable CHROMIUM.');
    return asOneCheck({ status: 1 });
  }
  if (!provideWorkbench()) {
    console.error('The editor of the end-to-end tests could not be installed (test/e2e/workbench).');
    return asOneCheck({ status: 1 });
  }
  const { status } = await runNode([join(root, 'scripts', 'package.mjs')]);
  return status === 0 ? tests() : asOneCheck({ status });
}

/**
 * Runs a Node.js program in the repository, showing what it prints.
 * @param {string[]} args
 * @returns {Promise<{ status: number, output: string }>} what it printed on standard output
 */
function runNode(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 1, output }));
  });
}
