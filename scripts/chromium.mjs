/** The browser of the end-to-end tests: Debian's chromium, which also carries a software Vulkan driver. */
import { existsSync } from 'node:fs';
import { installWithApt } from './apt.mjs';

/** Another Chromium or Chrome can be named with the variable `CHROMIUM`. */
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Whether there is a browser; as root on Debian or Ubuntu it is installed when absent. */
export function provideChromium() {
  if (existsSync(chromiumPath)) return true;
  if (process.env.CHROMIUM !== undefined) return false;
  return installWithApt(['chromium', 'fonts-dejavu-core']) && existsSync(chromiumPath);
}
