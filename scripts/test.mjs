/**
 * `npm test`: everything that must hold, phase by phase, all of them even when one fails.
 * `npm test -- unit` (or lint, types, dead-code, build, integration, e2e; several are allowed) runs only these, and
 * `npm test -- test/unit/graph/gradients.test.ts` one file.
 * The exit code is 0 when every phase passed; the last line is `N passed, N failed`, where a check that is not made of
 * tests (lint, types, dead code, build) counts as one.
 *
 * The checks run side by side, and so do integration and end-to-end tests, which are shown one after the other. The
 * browser and the editor of the end-to-end tests are installed beside everything that needs neither, Slurm and PyTorch
 * after them.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleOf, filesBelow, inOrder, inTurn, runNode, runTests, together } from './run-tests.mjs';
import { root, setUp } from './setup.mjs';

/** @typedef {import('./run-tests.mjs').Counts} Counts */
/** @typedef {import('./run-tests.mjs').Show} Show */

/** @type {Record<string, string[]>} */
const checks = {
  lint: [program('@biomejs/biome/bin/biome'), 'check', '.'],
  types: [program('typescript/bin/tsc'), '-p', '.'],
  'dead-code': [program('knip/bin/knip.js'), '--no-progress', '--no-config-hints'],
  build: [join(root, 'scripts', 'build.mjs')],
};

/** They begin first, so that none of them runs alone at the end. */
const slowest = {
  integration: [
    'slurm',
    'slurm-lost-jobs',
    'methods',
    'slurm-interruptions',
    'claims',
    'memory',
    'export',
    'failures',
    'given-models',
    'imported',
    'operations',
    'executor',
    'machine',
    'plan',
  ],
  e2e: ['runs', 'start', 'label-and-create', 'editor', 'panels', 'cluster'],
};

/** @type {Record<string, (show?: Show) => Promise<Counts>>} */
const tests = {
  unit: () => runTests(together(built('test/unit')), availableParallelism()),
  // Their models are too small to keep two cores busy, and some wait for a process that sleeps.
  integration: () => runTests(inOrder(built('test/integration'), slowest.integration), 4),
  // Each file has an editor of its own, which waits for the page about half of the time.
  e2e: (show) => withPackage(() => runTests(inOrder(built('test/e2e'), slowest.e2e), 2, show), show),
};

const names = [...Object.keys(checks), ...Object.keys(tests)];
const everyFile = Object.keys(tests).flatMap((name) => filesBelow(`test/${name}`));
const asked = process.argv.slice(2);
const files = asked.map((name) => join(root, name)).filter((path) => everyFile.includes(path));
const phases = asked.map((name) => (files.includes(join(root, name)) ? name.split('/')[1] : name));
const unknown = phases.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`There is no test phase or file "${unknown}". Phases: ${names.join(', ')}`);
  process.exit(2);
}
const isAsked = (/** @type {string} */ name) => phases.length === 0 || phases.includes(name);

// It has packages of its own.
const workbench = isAsked('e2e') ? provideWorkbench() : undefined;
const programs = providePrograms();
setUp();
/** @type {string[]} */
const summary = [];
const total = { passed: 0, failed: 0 };
const checked = Object.entries(checks)
  .filter(([name]) => isAsked(name))
  .map(([name, args]) => ({ name, running: timed(runNode(args, { show: false })) }));
for (const { name, running } of checked) {
  const { status, output, seconds } = await running;
  console.log(`\n== ${name}\n${output.trimEnd()}`);
  count(name, asOneCheck(status), seconds);
}
if (Object.keys(tests).some(isAsked)) {
  // Its packages are there by now.
  const { buildTests } = await import('./build-tests.mjs');
  await buildTests([...everyFile, ...filesBelow('test/integration', '.child.ts')]);
}
if (isAsked('unit')) await report('unit', timed(tests.unit()));
await programs;
if (isAsked('integration') || isAsked('e2e')) {
  const { status, seconds } = await timed(runNode([join(root, 'samples', 'assemble.mjs')]));
  if (status !== 0) count('sample', asOneCheck(status), seconds);
}
await withShared(async () => {
  // Each leaves a processor idle now and then.
  const turn = inTurn();
  const windows = isAsked('e2e') ? timed(tests.e2e(turn.write)) : undefined;
  if (isAsked('integration')) await report('integration', timed(tests.integration()));
  if (windows) await report('e2e', windows, turn.open);
});
console.log(`\n== summary\n${summary.join('\n')}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/**
 * The files of tests in a folder; only those that were asked for by name, if any were.
 * @param {string} folder
 */
function testFiles(folder) {
  const all = filesBelow(folder);
  const own = all.filter((file) => files.includes(file));
  return own.length === 0 ? all : own;
}

/**
 * Their bundles.
 * @param {string} folder
 */
function built(folder) {
  return testFiles(folder).map(bundleOf);
}

/**
 * @param {string} name
 * @param {Promise<Counts & { seconds: number }>} running
 * @param {() => void} [show]
 */
async function report(name, running, show) {
  console.log(`\n== ${name}`);
  show?.();
  const { seconds, ...counts } = await running;
  count(name, counts, seconds);
}

/**
 * @param {string} name
 * @param {Counts} counts
 * @param {number} seconds
 */
function count(name, { passed, failed, skipped }, seconds) {
  const left = skipped > 0 ? `, ${skipped} skipped` : '';
  summary.push(`${name.padEnd(12)} ${passed} passed, ${failed} failed${left}, ${seconds.toFixed(1)} s`);
  total.passed += passed;
  total.failed += failed;
}

/**
 * @template {object} T
 * @param {Promise<T>} work
 * @returns {Promise<T & { seconds: number }>}
 */
async function timed(work) {
  const started = performance.now();
  const result = await work;
  return { ...result, seconds: (performance.now() - started) / 1000 };
}

/**
 * Path of a program of a package.
 * @param {string} path inside node_modules
 */
function program(path) {
  return join(root, 'node_modules', path);
}

/**
 * @param {number} status
 * @returns {Counts}
 */
function asOneCheck(status) {
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/**
 * With a folder for what several files of tests use: the programs, experiments that were run to their end, and the
 * installed extension.
 * @param {() => Promise<void>} tests
 */
async function withShared(tests) {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-shared-'));
  // Some tests run the programs in it as another user.
  chmodSync(folder, 0o755);
  process.env.PARLANCE_TEST_SHARED = folder;
  try {
    await tests();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All install with apt-get, of which there can be only one at a time; the unit tests need none of it. */
async function providePrograms() {
  await workbench;
  const needed = [
    ...(isAsked('integration') || isAsked('e2e') ? ['slurm'] : []),
    ...(isAsked('integration') ? ['pytorch'] : []),
  ];
  if (needed.length === 0) return;
  const { output } = await runNode([join(root, 'scripts', 'test-programs.mjs'), ...needed], { show: false });
  process.stdout.write(output);
}

/**
 * Installs what the end-to-end tests are made with, where it is not there yet; what that prints stands together.
 * @returns {Promise<boolean>}
 */
async function provideWorkbench() {
  const { status, output } = await runNode([join(root, 'test/e2e/workbench/setup.mjs')], { show: false });
  process.stdout.write(output);
  return status === 0;
}

/**
 * Packages the extension first: the end-to-end tests are made with what is shipped.
 * @param {() => Promise<Counts>} tests
 * @param {Show} [show]
 */
async function withPackage(tests, show) {
  if (!(await workbench)) return asOneCheck(1);
  const { status } = await runNode([join(root, 'scripts', 'package.mjs')], { show });
  return status === 0 ? tests() : asOneCheck(status);
}
