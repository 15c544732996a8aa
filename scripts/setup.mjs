/**
 * What start and test need before anything else: a Node.js that is new enough, and the dependencies that the lockfile names.
 * Only Node.js built-ins are imported here, because node_modules may be absent.
 *
 * Whether node_modules is current is read from npm's own record of it (node_modules/.package-lock.json, written at the
 * very end of an installation) instead of a stamp of ours: it also sees what a developer installed by hand.
 * No install script runs: the one that would matter (of onnxruntime-node) downloads CUDA libraries from outside npm.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * What npm is called with. The tools that build are development dependencies, their binaries optional ones: a machine may be
 * told to leave both out (NODE_ENV=production, omit in an .npmrc).
 */
export const installation = [
  'ci',
  '--ignore-scripts',
  '--include=dev',
  '--include=optional',
  '--no-audit',
  '--no-fund',
];

const minimum = { major: 20, minor: 19 };

/**
 * Whether a version of Node.js can run Parlance.
 * @param {string} version for example `20.19.0`
 */
export function isNodeRecentEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > minimum.major || (major === minimum.major && minor >= minimum.minor);
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lock
 */

/**
 * Why what is installed is not what the lockfile names, or `undefined` when it is. Optional packages (binaries for other
 * platforms) may be absent.
 * @param {Lock} wanted package-lock.json
 * @param {Lock | undefined} installed node_modules/.package-lock.json
 */
export function staleReason(wanted, installed) {
  if (installed === undefined) return 'no finished installation in node_modules';
  const have = installed.packages ?? {};
  const want = wanted.packages ?? {};
  for (const [path, locked] of Object.entries(want)) {
    if (path === '') continue;
    const found = have[path];
    if (found === undefined && (locked.optional || locked.devOptional || locked.peer)) continue;
    if (found?.version !== locked.version || found?.integrity !== locked.integrity) return `${path} differs`;
  }
  const extra = Object.keys(have).find((path) => want[path] === undefined);
  return extra === undefined ? undefined : `${extra} is not in package-lock.json`;
}

/**
 * Checks Node.js and installs the dependencies when they are not those of the lockfile.
 * Ends the process with a message when that is not possible.
 */
export function setUp() {
  if (!isNodeRecentEnough(process.versions.node)) {
    fail(
      `Parlance needs Node.js ${minimum.major}.${minimum.minor} or later; this is ${process.versions.node}.`,
      'Install a current Node.js (https://nodejs.org) and run the same command again.',
    );
  }
  const wanted = readLock(join(root, 'package-lock.json'));
  if (wanted === undefined)
    fail('package-lock.json is missing.', 'Restore it: git checkout package-lock.json');
  const reason = staleReason(wanted, readLock(join(root, 'node_modules', '.package-lock.json')));
  if (reason === undefined) {
    console.log(`setup: Node.js ${process.versions.node}, dependencies are those of package-lock.json`);
    return;
  }
  console.log(`setup: Node.js ${process.versions.node}, installing the dependencies with npm ci (${reason})`);
  const started = performance.now();
  const result = runNpm(installation);
  if (result.status !== 0) {
    fail(
      `npm ci failed${result.error === undefined ? '' : `: ${result.error.message}`}.`,
      'Check that npm can reach its registry (npm ping), then run the same command again.',
    );
  }
  console.log(`setup: dependencies installed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** @param {string[]} args */
function runNpm(args) {
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  // Inside `npm start` the PATH begins with node_modules/.bin, and npm is itself a development dependency (the sample's
  // text): that copy must not delete itself, so the npm that the user called is used.
  const caller = process.env.npm_execpath;
  if (caller !== undefined && basename(caller) === 'npm-cli.js') {
    return spawnSync(process.execPath, [caller, ...args], { cwd: root, env, stdio: 'inherit' });
  }
  return spawnSync('npm', args, { cwd: root, env, stdio: 'inherit', shell: process.platform === 'win32' });
}

/**
 * @param {string} path
 * @returns {Lock | undefined}
 */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} message
 * @param {string} hint
 * @returns {never}
 */
function fail(message, hint) {
  console.error(`${message}\n${hint}`);
  process.exit(1);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) setUp();
