/** Programs that the tests need and npm does not have: installed with apt-get where that is possible without asking. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Installs packages when this is root on Debian or Ubuntu; otherwise does nothing.
 * @param {string[]} packages
 * @returns {boolean} whether it was tried
 */
export function installWithApt(packages) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  console.log(`setup: installing ${packages.join(', ')} with apt-get`);
  const commands = [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of commands) spawnSync('apt-get', args, { stdio: 'inherit', env });
  return true;
}
