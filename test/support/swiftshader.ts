/**
 * Programs on a software Vulkan device: SwiftShader and a Vulkan loader from Debian's chromium package. The loader is
 * found through the environment of a process, so what uses the device runs as a child.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideChromium } from '../../scripts/chromium.mjs';
import { bundleOf } from '../../scripts/run-tests.mjs';

const FOLDER = '/usr/lib/chromium';
const DRIVER = join(FOLDER, 'vk_swiftshader_icd.json');
const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Why there is no software device, or nothing. On Linux as root, as in continuous integration, the package can be
 * installed, so that its absence there is a failure and not a reason to skip.
 */
export function softwareDeviceMissing(): string | undefined {
  if (existsSync(DRIVER)) return undefined;
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    provideChromium();
    if (existsSync(DRIVER)) return undefined;
    throw new Error(`There is no software Vulkan driver at ${DRIVER}: apt-get install chromium.`);
  }
  return `no software Vulkan driver at ${DRIVER}`;
}

/** The environment of a process that sees SwiftShader as its one graphics device. */
export function softwareDeviceEnvironment(): NodeJS.ProcessEnv {
  // A test runner of its own in the child, not a part of this one.
  const { NODE_TEST_CONTEXT: _, ...own } = process.env;
  const libraries = [FOLDER, process.env.LD_LIBRARY_PATH].filter((path) => path !== undefined);
  return {
    ...own,
    VK_ICD_FILENAMES: DRIVER,
    VK_DRIVER_FILES: DRIVER,
    LD_LIBRARY_PATH: libraries.join(delimiter),
  };
}

/** What a program of the tests prints as JSON on its last line, run on the software device. */
export async function onSoftwareDevice<Result>(program: URL, ...args: string[]): Promise<Result> {
  const { stdout } = await runOnSoftwareDevice([bundleOf(fileURLToPath(program)), ...args]);
  const result: Result = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  return result;
}

/** Runs Node.js with these arguments in the repository; an exit other than 0 is an error. */
export function runOnSoftwareDevice(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, env: softwareDeviceEnvironment(), maxBuffer: 1 << 28 };
    execFile(process.execPath, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else
        reject(new Error(`${args.join(' ')} failed (${error.code ?? error.signal}):\n${stdout}\n${stderr}`));
    });
  });
}
