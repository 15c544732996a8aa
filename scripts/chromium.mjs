/** The browser of the end-to-end tests: Debian's chromium, which also carries a software Vulkan driver. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Another Chromium or Chrome can be named with the variable `CHROMIUM`. */
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Whether there is a browser; as root on Debian or Ubuntu it is installed when absent. */
export function provideChromium() {
  if (existsSync(chromiumPath)) return true;
  if (process.env.CHROMIUM !== undefined || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return false;
  console.log('setup: installing chromium with apt-get');
  const commands = [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
  ];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of commands) spawnSync('apt-get', args, { stdio: 'inherit', env });
  return existsSync(chromiumPath);
}
