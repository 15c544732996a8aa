/**
 * `npm run install-extension`: installs the package that `npm run package` wrote into the VS Code found on this machine.
 * `-- --program <path>` names the editor's command when it is not on the PATH or there are several.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './setup.mjs';

/** The commands of editors that install a .vsix, the commonest first. */
const programs = ['code', 'code-insiders', 'codium', 'cursor', 'code-server'];

const { values } = parseArgs({ options: { program: { type: 'string' } } });
process.exitCode = install(values.program ?? findProgram());

/**
 * @param {string | undefined} program
 * @returns {number} exit code
 */
function install(program) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const vsix = join(root, 'dist', `parlance-${process.platform}-${process.arch}-${version}.vsix`);
  if (!existsSync(vsix)) return complain(`There is no ${vsix}.`, 'Make it first: npm run package');
  if (program === undefined) {
    return complain(
      `None of these commands is on the PATH: ${programs.join(', ')}.`,
      'Name your editor\'s command: npm run install-extension -- --program <path>. In VS Code itself, "Shell Command: ' +
        `Install 'code' command in PATH" provides it, and "Extensions: Install from VSIX…" installs ${vsix} by hand.`,
    );
  }
  // Windows' commands are .cmd files, which only a shell runs.
  const inShell = process.platform === 'win32';
  const quoted = inShell ? `"${vsix}"` : vsix;
  const { status, error } = spawnSync(program, ['--install-extension', quoted, '--force'], {
    stdio: 'inherit',
    shell: inShell,
  });
  if (status === 0) return 0;
  return complain(
    `${program} did not install ${vsix}${error === undefined ? '' : `: ${error.message}`}.`,
    'Install it by hand: "Extensions: Install from VSIX…" in the editor.',
  );
}

/** @returns {string | undefined} */
function findProgram() {
  const endings = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const has = (/** @type {string} */ program) =>
    folders.some((folder) => endings.some((ending) => existsSync(join(folder, program + ending))));
  return programs.find(has);
}

/**
 * @param {string} message
 * @param {string} hint
 */
function complain(message, hint) {
  console.error(`${message}\n${hint}`);
  return 1;
}
